import CLinux
import Glibc

/// Something that keeps the laboratory from being built on this machine.
public enum Obstacle: Equatable, Sendable {
    /// This process lacks a capability of capabilities(7), for example `CAP_NET_ADMIN`.
    case capabilityMissing(String)
    /// The kernel, or a container's filter, does not let a thread make a network namespace.
    case namespaceRefused(errorNumber: Int32)
    /// A program is not installed.
    case programMissing(String)
}

extension Obstacle: CustomStringConvertible {
    /// What is missing and what to do about it, in one clause.
    public var description: String {
        switch self {
        case .capabilityMissing(let name):
            "needs root: \(name) is missing"
        case .namespaceRefused(let errorNumber):
            "needs root: making a network namespace is refused (\(systemErrorText(errorNumber)))"
        case .programMissing(let name):
            "\(name) is not installed"
        }
    }
}

/// What kinds of laboratory this machine permits.
public struct Availability: Equatable, Sendable {
    /// What stands against hosts made of namespaces; empty when they can be built.
    public let namespaceObstacles: [Obstacle]
    /// What stands against servers on loopback ports; empty when they can be started.
    public let loopbackObstacles: [Obstacle]

    /// Whether ``Laboratory/build(_:)`` can work.
    public var permitsNamespaces: Bool { namespaceObstacles.isEmpty }
    /// Whether ``Laboratory/buildOnLoopback()`` can work.
    public var permitsLoopback: Bool { loopbackObstacles.isEmpty }

    /// Asks the machine; takes well under a millisecond.
    static func probe() -> Availability {
        let programs = ["redis-server"].filter { Files.executable($0) == nil }
            .map(Obstacle.programMissing)
        var obstacles = capabilityObstacles(
            inStatus: Files.read("/proc/thread-self/status") ?? "")
        if obstacles.isEmpty, let errorNumber = namespaceRefusal() {
            obstacles.append(.namespaceRefused(errorNumber: errorNumber))
        }
        if Files.executable("ip") == nil { obstacles.append(.programMissing("ip")) }
        return Availability(
            namespaceObstacles: obstacles + programs, loopbackObstacles: programs)
    }

    /// Numbers of capabilities(7) that namespaces, interfaces and packet sockets demand.
    private static let capabilities = [
        (number: 12, name: "CAP_NET_ADMIN"), (number: 13, name: "CAP_NET_RAW"),
        (number: 21, name: "CAP_SYS_ADMIN"),
    ]

    /// What the effective set in the text of `/proc/…/status` lacks.
    static func capabilityObstacles(inStatus status: String) -> [Obstacle] {
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let digits = line?.split(separator: "\t").last ?? ""
        let effective = UInt64(digits, radix: 16) ?? 0
        return capabilities.filter { effective >> UInt64($0.number) & 1 == 0 }
            .map { .capabilityMissing($0.name) }
    }

    /// Tries, on a thread that ends at once: capabilities alone don't say what a container's
    /// system call filter refuses.
    private static func namespaceRefusal() -> Int32? {
        let answer = Shared<Int32??>(nil)
        startThread {
            let refusal = unshare(clinuxCloneNewNetwork) == 0 ? nil : errno
            answer.with { $0 = .some(refusal) }
        }
        return answer.wait { $0 }!
    }
}
