import Glibc
import Workbench

/// Connections that come and go.
enum Visit {
    static func connect(_ port: UInt16) throws -> Int32 {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // A reset at its end, so that no port is kept waiting for stragglers.
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            number, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(
            number, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let problem = errno
            close(number)
            throw BenchFailure("connect: errno \(problem)")
        }
        return number
    }

    /// Asks one thing, and hears the answer.
    static func ask(_ number: Int32) throws {
        try send(number, "PING\r\n")
        try expect(number, "+PONG\r\n")
    }

    private static func send(_ number: Int32, _ text: String) throws {
        let bytes = Array(text.utf8)
        guard Glibc.send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw BenchFailure("send: errno \(errno)")
        }
    }

    private static func expect(_ number: Int32, _ text: String) throws {
        var heard: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 256)
        while heard.count < text.utf8.count {
            let count = recv(number, &chunk, chunk.count, 0)
            guard count > 0 else { throw BenchFailure("recv: errno \(errno)") }
            heard += chunk[..<count]
        }
        guard heard == Array(text.utf8) else {
            let said = String(decoding: heard, as: UTF8.self)
            throw BenchFailure("expected \(text), heard \(said)")
        }
    }

    /// So many visits one after another, each with a value of its own, so that a reply that was
    /// meant for another is noticed.
    static func many(_ count: Int, on port: UInt16) throws {
        for index in 0..<count {
            let number = try connect(port)
            defer { close(number) }
            switch index % 10 {
            case 0: try send(number, "*2\r\n$3\r\nGET\r\n$3\r\nab")
            case 1:
                try send(number, "*2\r\n$4\r\nECHO\r\n$1\r\n\(index % 10)\r\n*1\r\n$4\r\nPING\r\n")
            case 2: try send(number, "*2\r\n$5\r\nBLPOP\r\n$1\r\na\r\n$1\r\n0\r\n")
            case 3:
                try send(number, "MULTI\r\nGET a\r\n")
                try expect(number, "+OK\r\n+QUEUED\r\n")
            case 4:
                let value = "v\(index)"
                try send(number, "SET k\(index % 100) \(value)\r\nGET k\(index % 100)\r\n")
                try expect(number, "+OK\r\n$\(value.utf8.count)\r\n\(value)\r\n")
            case _:
                let value = "\(index)"
                try send(number, "*2\r\n$4\r\nECHO\r\n$\(value.utf8.count)\r\n\(value)\r\n")
                try expect(number, "$\(value.utf8.count)\r\n\(value)\r\n")
            }
        }
    }

    static func waitUntilServed(on port: UInt16) throws {
        for _ in 0..<200 {
            if let number = try? connect(port) {
                defer { close(number) }
                if (try? ask(number)) != nil { return }
            }
            usleep(25_000)
        }
        throw BenchFailure("nobody serves on \(port)")
    }
}
