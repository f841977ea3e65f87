import CLinux
import Glibc
import Testing

@testable import SentinelDriver

/// A real redis-server on loopback, ended when it is no longer referred to.
final class RedisServer: @unchecked Sendable {
    let port: UInt16
    let processID: pid_t
    private let output: Int32
    private var isEnded = false

    /// Starts a server and returns when it accepts connections, or says what it said.
    convenience init(_ arguments: [String] = []) throws {
        let port = try FreePort.next()
        try self.init(
            port: port,
            words: ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp"]
                + arguments, until: "Ready to accept")
    }

    /// A server that speaks nothing but TLS, with its `tls-…` directives.
    convenience init(securedBy arguments: [String]) throws {
        let port = try FreePort.next()
        try self.init(
            port: port,
            words: ["--port", "0", "--tls-port", String(port), "--bind", "127.0.0.1"]
                + ["--save", "", "--dir", "/tmp"] + arguments, until: "Ready to accept")
    }

    /// A real Sentinel that watches a server as `orders`, with its file in a directory.
    convenience init(
        sentinelOf server: RedisServer, in directory: TemporaryDirectory, quorum: Int = 1,
        downAfter: Int = 1000
    ) throws {
        let port = try FreePort.next()
        let text = """
            port \(port)
            bind 127.0.0.1
            sentinel monitor orders 127.0.0.1 \(server.port) \(quorum)
            sentinel down-after-milliseconds orders \(downAfter)

            """
        directory.put(Array(text.utf8), "sentinel.conf")
        let path = directory.path + "/sentinel.conf"
        try self.init(port: port, words: [path, "--sentinel"], until: "+monitor")
    }

    private init(port: UInt16, words: [String], until ready: String) throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        self.port = port
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        // Or the server would keep other tests' connections open, which they close.
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var argv: [UnsafeMutablePointer<CChar>?] =
            (["redis-server"] + words).map { strdup($0) } + [nil]
        defer { for word in argv { free(word) } }
        var processID: pid_t = 0
        let code = posix_spawnp(&processID, "redis-server", &actions, nil, &argv, environ)
        close(ends[1])
        try #require(code == 0, "redis-server is not installed")
        self.processID = processID
        output = ends[0]
        try awaitWord(ready)
    }

    deinit {
        end()
        close(output)
    }

    /// Ends the process as kill -9 does.
    func end() {
        guard !isEnded else { return }
        isEnded = true
        kill(processID, SIGCONT)
        kill(processID, SIGKILL)
        waitpid(processID, nil, 0)
    }

    private func awaitWord(_ word: String) throws {
        var said: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(output, &chunk, chunk.count)
            try #require(count > 0, "\(String(decoding: said, as: UTF8.self))")
            said += chunk[..<count]
            if String(decoding: said, as: UTF8.self).contains(word) { return }
        }
    }
}

/// Ports that nobody listens on, below the ephemeral range.
enum FreePort {
    static func next() throws -> UInt16 {
        for _ in 0..<1000 {
            let port = UInt16.random(in: 22_000..<32_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in.loopback(port)
            let code = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if code == 0 { return port }
        }
        throw NoFreePort()
    }

    struct NoFreePort: Error {}
}

extension sockaddr_in {
    static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
