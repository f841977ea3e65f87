internal import CLinux
internal import Glibc
internal import Synchronization

/// A network namespace with a name.
public struct Namespace: Sendable {
    /// As `ip netns` lists it.
    public let name: String

    /// Runs `body` on a thread of its own that has entered the namespace, and waits for it. Sockets
    /// that it opens stay in the namespace wherever they are used afterwards.
    public func run<Value>(_ body: @escaping () throws -> Value) throws -> Value {
        let errand = Errand()
        nonisolated(unsafe) var result: Result<Value, any Error>?
        nonisolated(unsafe) let work = body
        let path = "/run/netns/\(name)"
        errand.work = {
            result = Result {
                let number = open(path, O_RDONLY | O_CLOEXEC)
                guard number >= 0 else { throw Command.Failure(description: "\(path): \(errno)") }
                defer { _ = close(number) }
                guard setns(number, clinuxCloneNewNetwork) == 0 else {
                    throw Command.Failure(description: "setns \(path): \(errno)")
                }
                return try work()
            }
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(errand)
        guard pthread_create(&thread, nil, runErrand, box.toOpaque()) == 0 else {
            box.release()
            throw Command.Failure(description: "pthread_create: \(errno)")
        }
        pthread_join(thread, nil)
        guard let result else { throw Command.Failure(description: "the thread did nothing") }
        return try result.get()
    }

    /// Runs a program inside the namespace; returns what it printed.
    @discardableResult
    public func command(_ line: String) throws -> String {
        let words = line.split(separator: " ").map(String.init)
        return try Command.run(["ip", "netns", "exec", name] + words)
    }

    /// Runs `ip` inside the namespace; returns what it printed.
    @discardableResult
    public func ip(_ line: String) throws -> String {
        try Command.run(["ip", "-n", name] + line.split(separator: " ").map(String.init))
    }
}

private final class Errand {
    var work: () -> Void = {}
}

private func runErrand(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let box else { return nil }
    Unmanaged<Errand>.fromOpaque(box).takeRetainedValue().work()
    return nil
}

/// Two hosts joined by a wire: `near` (10.18.13.1/20, fd18::1/64 on near0) and `far`
/// (10.18.13.2/20, fd18::2/64 on far0). Nothing is configured outside the two namespaces.
public struct NamespacePair: Sendable {
    /// The host that is tested.
    public let near: Namespace
    /// The host that sees what the near one does.
    public let far: Namespace

    /// Why tests in namespaces are skipped when they are.
    public static let needs = "needs root"
    /// Whether this process may make namespaces.
    public static var isPermitted: Bool { geteuid() == 0 }

    static let prefix = "baton-netlink-"
    static let counter = Atomic(0)

    /// Makes a pair for `body` and removes it afterwards, also when `body` throws.
    public static func with<Value>(_ body: (NamespacePair) throws -> Value) throws -> Value {
        removeLeftovers
        let number = counter.add(1, ordering: .relaxed).newValue
        let stem = "\(prefix)\(getpid())-\(number)"
        let pair = NamespacePair(
            near: Namespace(name: stem + "-near"), far: Namespace(name: stem + "-far"))
        defer {
            for side in [pair.near, pair.far] {
                _ = try? Command.run(["ip", "netns", "del", side.name])
            }
        }
        try pair.build()
        return try body(pair)
    }

    private func build() throws {
        for side in [near, far] { try Command.run(["ip", "netns", "add", side.name]) }
        try near.ip("link add near0 type veth peer name far0 netns \(far.name)")
        for (side, name, host) in [(near, "near0", 1), (far, "far0", 2)] {
            try side.ip("link set lo up")
            try side.ip("link set \(name) up")
            try side.ip("addr add 10.18.13.\(host)/20 dev \(name)")
            try side.ip("addr add fd18::\(host)/64 dev \(name) nodad")
        }
    }

    /// Removes, once, what test processes left that were killed: only ours, only the dead ones'.
    static let removeLeftovers: Void = {
        let list = (try? Command.run(["ip", "netns", "list"])) ?? ""
        for line in list.split(separator: "\n") {
            guard let name = line.split(separator: " ").first, name.hasPrefix(prefix),
                let process = name.dropFirst(prefix.count).split(separator: "-").first
                    .flatMap({ pid_t($0) }),
                kill(process, 0) != 0, errno == ESRCH
            else { continue }
            _ = try? Command.run(["ip", "netns", "del", String(name)])
        }
    }()
}
