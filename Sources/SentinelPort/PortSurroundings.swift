public import DropInCore
public import MonotonicTime

/// What the port has to ask, being pure itself.
public protocol PortSurroundings: PortHost {
    /// The Sentinel as it is now.
    func portrait() -> NodePortrait
    /// One group of it, which may be had for less than the whole.
    func portrait(of group: String) -> GroupPortrait?
    /// The scripts that run or wait, in the order of the queue.
    func pendingScripts() -> [PendingScript]
}

/// What it needs of the host, whether a Sentinel runs there or not.
public protocol PortHost {
    func processorTimes() -> ProcessorTimes
    /// SHA-256: 32 bytes.
    func digest(_ bytes: [UInt8]) -> [UInt8]
    /// So many bytes that nobody can guess.
    func randomBytes(_ count: Int) -> [UInt8]
    /// Whether there is a file that this process may run.
    func isExecutable(_ path: String) -> Bool
}

/// When something happens.
public struct Moment: Equatable, Sendable {
    public var monotonic: Instant
    /// Since 1970, in microseconds; shown, never reckoned with.
    public var wallMicroseconds: Int

    public init(monotonic: Instant, wallMicroseconds: Int) {
        self.monotonic = monotonic
        self.wallMicroseconds = wallMicroseconds
    }
}

/// What the process has used of processors, in microseconds.
public struct ProcessorTimes: Equatable, Sendable {
    public var system = 0
    public var user = 0
    /// Of scripts that have ended.
    public var childrenSystem = 0
    public var childrenUser = 0

    public init() {}
}
