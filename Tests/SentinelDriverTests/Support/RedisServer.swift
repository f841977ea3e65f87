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
    init(_ arguments: [String] = []) throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        port = try FreePort.next()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        posix_spawn_file_actions_addclose(&actions, ends[1])
        let words =
            ["redis-server", "--port", String(port), "--bind", "127.0.0.1", "--save", ""]
            + ["--dir", "/tmp"] + arguments
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for word in argv { free(word) } }
        var processID: pid_t = 0
        let code = posix_spawnp(&processID, "redis-server", &actions, nil, &argv, environ)
        close(ends[1])
        try #require(code == 0, "redis-server is not installed")
        self.processID = processID
        output = ends[0]
        try awaitReady()
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

    private func awaitReady() throws {
        var said: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(output, &chunk, chunk.count)
            try #require(count > 0, "\(String(decoding: said, as: UTF8.self))")
            said += chunk[..<count]
            if String(decoding: said, as: UTF8.self).contains("Ready to accept") { return }
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
