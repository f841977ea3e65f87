internal import Crypto
internal import DropInCore
internal import Glibc
internal import SentinelPort

/// What a port may ask of this host, and of the Sentinel behind it.
struct ServiceSurroundings: PortSurroundings, OwnHost {
    unowned let service: any PortService

    func portrait() -> NodePortrait { service.portrait() }

    func portrait(of group: String) -> GroupPortrait? { service.portrait(of: group) }

    func pendingScripts() -> [PendingScript] { service.pendingScripts() }
}

/// This host, without a Sentinel.
struct ThisHost: OwnHost {}

/// Answers for the host that the process runs on.
protocol OwnHost: PortHost {}

extension OwnHost {
    func processorTimes() -> ProcessorTimes {
        var times = ProcessorTimes()
        var own = rusage()
        var children = rusage()
        guard getrusage(Int32(RUSAGE_SELF.rawValue), &own) == 0,
            getrusage(Int32(RUSAGE_CHILDREN.rawValue), &children) == 0
        else { return times }
        times.system = Self.microseconds(own.ru_stime)
        times.user = Self.microseconds(own.ru_utime)
        times.childrenSystem = Self.microseconds(children.ru_stime)
        times.childrenUser = Self.microseconds(children.ru_utime)
        return times
    }

    private static func microseconds(_ time: timeval) -> Int {
        Int(time.tv_sec) * 1_000_000 + Int(time.tv_usec)
    }

    func digest(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    func randomBytes(_ count: Int) -> [UInt8] {
        // Swift's system generator is getrandom(2) on Linux.
        var system = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: system.next()) }
    }

    func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }
}

extension Moment {
    /// This moment.
    static func now() -> Moment {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Moment(
            monotonic: BootClock.now(),
            wallMicroseconds: Int(time.tv_sec) * 1_000_000 + Int(time.tv_nsec) / 1000)
    }
}
