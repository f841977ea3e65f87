import Addressing
import BalancerCore
import Glibc
import MonotonicTime
import RESP
import Testing

@testable import BalancerDriver

/// Real servers, real sockets. Each test has ports of its own, below those that the kernel gives.
@Suite("Balancer driver", .timeLimit(.minutes(2)))
struct BalancerDriverTests {
    private static func endpoint(_ port: UInt16) -> Endpoint {
        Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: port)
    }

    /// A balancer before these servers, which ends with the body.
    private func withBalancer<Value>(
        _ ports: [UInt16], service: Service = .read, settings: BalancerDriverSettings = .init(),
        _ body: (UInt16, BalancerDriver) throws -> Value
    ) throws -> Value {
        var settings = settings
        settings.balancer.selection.slowStart = .zero
        let driver = try BalancerDriver(
            listeners: [BalancerListener(endpoint: Self.endpoint(0), service: service)],
            settings: settings)
        defer {
            driver.stop()
            for _ in 0..<500 where !driver.isOver { usleep(10_000) }
        }
        driver.update(servers: Self.reports(ports), writes: Self.place(ports[0], epoch: 1))
        return try body(driver.listeners[0].endpoint.port, driver)
    }

    private static func reports(_ ports: [UInt16]) -> [ServerReport] {
        ports.map {
            ServerReport(endpoint: endpoint($0), role: .replica, condition: .serving(.none))
        }
    }

    private static func place(_ port: UInt16, epoch: UInt64) -> WritePlace {
        WritePlace(endpoint: endpoint(port), epoch: epoch)
    }

    @Test("answers as the server itself does, whatever is asked", arguments: Service.allCases)
    func answers(_ service: Service) throws {
        let server = try RedisProcess(port: 21_130 + UInt16(service.rawValue))
        try withBalancer([server.port], service: service) { port, _ in
            let direct = try WireClient(port: server.port)
            let balanced = try WireClient(port: port)
            let requests: [[String]] = [
                ["SET", "k", "v"], ["GET", "k"], ["GET", "none"], ["nosuch", "x"], ["GET"],
                ["SELECT", "1"], ["GET", "k"], ["SELECT", "99"], ["SELECT", "x"], ["SELECT"],
                ["SELECT", "0"], ["RPUSH", "l", "a", "b"], ["LRANGE", "l", "0", "-1"],
                ["BLPOP", "l", "1"], ["BLPOP", "l", "0"], ["MULTI"], ["INCR", "n"], ["EXEC"],
                ["WATCH", "k"], ["MULTI"], ["GET", "k"], ["EXEC"], ["GET", "k"], ["DISCARD"],
                ["CLIENT", "GETNAME"], ["CLIENT", "SETNAME", "a b"], ["CLIENT", "SETNAME", "me"],
                ["CLIENT", "GETNAME"], ["CLIENT", "NO-EVICT", "on"], ["PING", "x"],
                ["XADD", "s", "1-1", "f", "v"], ["XREAD", "STREAMS", "s", "0"],
                ["XREAD", "COUNT", "1", "BLOCK", "10", "STREAMS", "s", "0"],
                ["AUTH", "x"], ["AUTH", "a", "b", "c"], ["HELLO", "4"], ["HELLO", "x"],
                ["HELLO", "2", "NONSENSE"], ["RESET"], ["EVAL", "return {1,'a'}", "0"],
                ["SCAN", "0", "COUNT", "1000"], ["WAIT", "0", "0"], ["READONLY"],
                ["OBJECT", "ENCODING", "k"], ["CONFIG", "GET", "maxmemory"],
            ]
            for request in requests {
                try direct.send(WireClient.request(request))
                let expected = try direct.hear()
                // The data is shared: what changes it would answer otherwise the second time.
                if ["BLPOP", "RPUSH", "INCR", "XADD", "EXEC"].contains(request[0]) {
                    _ = try WireClient(port: server.port).ask("FLUSHALL")
                    if request[0] == "BLPOP" {
                        _ = try WireClient(port: server.port).ask("RPUSH", "l", "a", "b")
                        if request[2] == "0" {
                            _ = try WireClient(port: server.port).ask("LPOP", "l")
                        }
                    }
                }
                try balanced.send(WireClient.request(request))
                let heard = try balanced.hear()
                if request[0] == "EXEC" { continue }
                #expect(heard == expected, "\(request)")
            }
        }
    }

    @Test("refuses what is no RESP in Redis's own words, and closes")
    func protocolErrors() throws {
        let server = try RedisProcess(port: 21_111)
        try withBalancer([server.port]) { port, _ in
            let inputs = [
                "*x\r\n", "*1\r\n+PING\r\n", "*1\r\n$-1\r\n", "*1\r\n$999999999999\r\n",
                "*9999999999\r\n", "PING \"x\r\n", "PING\r\n*x\r\n", "POST / HTTP/1.1\r\n",
                "Host: x\r\n", "QUIT\r\n", "PING\r\nQUIT\r\nPING\r\n",
                "\r\n\r\nPING\r\nQUIT\r\n", "*0\r\n*-1\r\nQUIT\r\n",
                String(repeating: "x", count: 70_000),
            ]
            for input in inputs {
                let direct = try WireClient(port: server.port)
                let balanced = try WireClient(port: port)
                try direct.send(Array(input.utf8))
                try balanced.send(Array(input.utf8))
                let heard = String(decoding: balanced.hearToTheEnd(), as: UTF8.self)
                let expected = String(decoding: direct.hearToTheEnd(), as: UTF8.self)
                #expect(heard == expected, "\(input.prefix(40))")
            }
        }
    }

    @Test("each of many clients hears only what it asked, in order, in pieces of any size")
    func ownReplies() throws {
        let servers = try [RedisProcess(port: 21_112), RedisProcess(port: 21_113)]
        var settings = BalancerDriverSettings()
        settings.reactorCount = 2
        try withBalancer(servers.map(\.port), settings: settings) { port, driver in
            let clients = try (0..<40).map { _ in try WireClient(port: port) }
            for round in 0..<20 {
                for (index, client) in clients.enumerated() {
                    var bytes: [UInt8] = []
                    for step in 0..<15 {
                        bytes += WireClient.request(["ECHO", "\(round)-\(index)-\(step)"])
                    }
                    let cut = (round * 7 + index) % bytes.count
                    try client.send(Array(bytes[..<cut]))
                    try client.send(Array(bytes[cut...]))
                }
                for (index, client) in clients.enumerated() {
                    for step in 0..<15 {
                        #expect(try client.hear() == .bulk("\(round)-\(index)-\(step)"))
                    }
                }
            }
            usleep(250_000)
            let statistics = driver.statistics()
            #expect(statistics.clientCount == 40)
            #expect(statistics.requestCount == 12_000)
            #expect(statistics.servers.allSatisfy { $0.answeredCount > 2_000 })
        }
    }

    @Test("a server that dies under reads costs no client an error")
    func death() throws {
        var servers = try [RedisProcess(port: 21_114), RedisProcess(port: 21_115)]
        for server in servers { _ = try WireClient(port: server.port).ask("SET", "k", "v") }
        try withBalancer(servers.map(\.port)) { port, _ in
            let clients = try (0..<20).map { _ in try WireClient(port: port) }
            let pipeline = Array(repeating: WireClient.request(["GET", "k"]), count: 50)
            for round in 0..<40 {
                for client in clients { try client.send(pipeline.flatMap { $0 }) }
                if round == 10 { servers[0].end() }
                for client in clients {
                    for _ in pipeline { #expect(try client.hear() == .bulk("v")) }
                }
            }
            servers[0] = try RedisProcess(port: 21_114)
        }
    }

    @Test("passes values of any size, and keeps none of them")
    func large() throws {
        let server = try RedisProcess(port: 21_116)
        try withBalancer([server.port]) { port, _ in
            let client = try WireClient(port: port)
            let value = String(repeating: "0123456789abcdef", count: 4 << 20)
            #expect(try client.ask("SET", "large", value) == .simple("OK"))
            #expect(try client.ask("STRLEN", "large") == .integer(value.utf8.count))
            #expect(try client.ask("GET", "large") == .bulk(value))
            #expect(try client.ask("GET", "none") == .null)
        }
    }

    @Test("a client that does not read its reply stalls nobody else")
    func slowReader() throws {
        let server = try RedisProcess(port: 21_117)
        let setup = try WireClient(port: server.port)
        let value = String(repeating: "x", count: 32 << 20)
        _ = try setup.ask("SET", "large", value)
        _ = try setup.ask("SET", "k", "v")
        try withBalancer([server.port]) { port, _ in
            let slow = try WireClient(port: port)
            let quick = try WireClient(port: port)
            #expect(try quick.ask("GET", "k") == .bulk("v"))
            try slow.send("GET", "large")
            usleep(200_000)
            for _ in 0..<100 { #expect(try quick.ask("GET", "k") == .bulk("v")) }
            #expect(try slow.hear() == .bulk(value))
        }
    }

    @Test("a client that blocks, subscribes or watches has its own connection, for so long")
    func pinning() throws {
        let server = try RedisProcess(port: 21_118)
        try withBalancer([server.port]) { port, driver in
            let blocked = try WireClient(port: port)
            let other = try WireClient(port: port)
            try blocked.send("BLPOP", "queue", "5")
            #expect(try other.ask("PING") == .simple("PONG"))
            usleep(50_000)
            #expect(try other.ask("RPUSH", "queue", "x") == .integer(1))
            #expect(try blocked.hear() == .array([.bulk("queue"), .bulk("x")]))
            #expect(try blocked.ask("GET", "none") == .null)

            let listener = try WireClient(port: port)
            try listener.send("SUBSCRIBE", "news")
            _ = try listener.hear()
            #expect(try other.ask("PUBLISH", "news", "hi") == .integer(1))
            #expect(
                try listener.hear()
                    == .array([.bulk("message"), .bulk("news"), .bulk("hi")]))

            #expect(try other.ask("WATCH", "queue") == .simple("OK"))
            _ = try blocked.ask("SET", "queue", "changed")
            #expect(try other.ask("MULTI") == .simple("OK"))
            #expect(try other.ask("GET", "queue") == .simple("QUEUED"))
            #expect(try other.ask("EXEC") == .nullArray)

            let id = try other.ask("CLIENT", "ID")
            #expect(id != (try blocked.ask("CLIENT", "ID")))
        }
    }

    @Test("a password is the server's to judge, for each client anew")
    func authentication() throws {
        let server = try RedisProcess(port: 21_119, arguments: ["--requirepass", "right"])
        try withBalancer([server.port]) { port, _ in
            let client = try WireClient(port: port)
            func text(_ reply: RESPValue) -> String { reply.text ?? "\(reply)" }
            #expect(try text(client.ask("GET", "k")).hasPrefix("NOAUTH"))
            #expect(try text(client.ask("AUTH", "wrong")).hasPrefix("WRONGPASS"))
            #expect(try text(client.ask("GET", "k")).hasPrefix("NOAUTH"))
            #expect(try client.ask("AUTH", "right") == .simple("OK"))
            #expect(try client.ask("SET", "k", "v") == .simple("OK"))
            let stranger = try WireClient(port: port)
            #expect(try text(stranger.ask("GET", "k")).hasPrefix("NOAUTH"))
            #expect(try text(stranger.ask("AUTH", "wrong")).hasPrefix("WRONGPASS"))
            guard case .map = try stranger.ask("HELLO", "3", "AUTH", "default", "right") else {
                throw WireFailure("HELLO")
            }
            #expect(try stranger.ask("GET", "k") == .bulk("v"))
            #expect(try client.ask("CONFIG", "SET", "requirepass", "new") == .simple("OK"))
            let late = try WireClient(port: port)
            #expect(try text(late.ask("AUTH", "right")).hasPrefix("WRONGPASS"))
        }
    }

    @Test("more clients than may be are told so; a drained balancer closes those without debts")
    func limits() throws {
        let server = try RedisProcess(port: 21_120)
        var settings = BalancerDriverSettings()
        settings.balancer.clientCountMax = 2
        try withBalancer([server.port], settings: settings) { port, driver in
            let first = try WireClient(port: port)
            let second = try WireClient(port: port)
            #expect(try first.ask("PING") == .simple("PONG"))
            #expect(try second.ask("PING") == .simple("PONG"))
            let third = try WireClient(port: port)
            #expect(try third.hear() == .failure("ERR max number of clients reached"))

            try first.send("BLPOP", "queue", "1")
            usleep(100_000)
            driver.drain()
            #expect(second.hearToTheEnd().isEmpty)
            #expect(try first.hear() == .nullArray)
            #expect(first.hearToTheEnd().isEmpty)
            for _ in 0..<300 where !driver.isOver { usleep(10_000) }
            #expect(driver.isOver)
        }
    }

    @Test("every address of IPv6 is served beside every address of IPv4, at one port")
    func bothFamilies() throws {
        let server = try RedisProcess(port: 21_124)
        let port: UInt16 = 21_125
        let places = [IPAddress("0.0.0.0"), IPAddress("::")].compactMap { $0 }.map {
            BalancerListener(endpoint: Endpoint(address: $0, port: port), service: .read)
        }
        let driver = try BalancerDriver(listeners: places)
        defer {
            driver.stop()
            for _ in 0..<500 where !driver.isOver { usleep(10_000) }
        }
        driver.update(servers: Self.reports([server.port]))
        for address in [IPAddress("127.0.0.1"), IPAddress("::1")].compactMap({ $0 }) {
            let client = try WireClient(Endpoint(address: address, port: port))
            #expect(try client.ask("PING") == .simple("PONG"))
        }
        #expect(driver.listeners.map(\.endpoint) == places.map(\.endpoint))
    }

    @Test("a client that closes its half gets what it has asked for")
    func halfClosed() throws {
        let server = try RedisProcess(port: 21_121)
        try withBalancer([server.port]) { port, _ in
            let client = try WireClient(port: port)
            try client.send(Array("PING\r\nECHO a\r\n".utf8))
            shutdown(client.descriptor, Int32(SHUT_WR))
            let heard = String(decoding: client.hearToTheEnd(), as: UTF8.self)
            #expect(heard == "+PONG\r\n$1\r\na\r\n")
        }
    }

    @Test(
        "clients of a primary that dies go on with the next one", arguments: [Service.write, .auto])
    func failover(_ service: Service) throws {
        let port = 21_140 + UInt16(service.rawValue) * 2
        let servers = try [RedisProcess(port: port), RedisProcess(port: port + 1)]
        try withBalancer(servers.map(\.port), service: service) { port, driver in
            let clients = try (0..<20).map { _ in try WireClient(port: port) }
            for (index, client) in clients.enumerated() {
                #expect(try client.ask("INCR", "k\(index)") == .integer(1))
            }
            servers[0].end()
            for (index, client) in clients.enumerated() {
                try client.send("INCR", "k\(index)")
                try client.send("GET", "k\(index)")
            }
            for _ in 0..<100 where driver.statistics().heldCount < 20 { usleep(10_000) }
            #expect(driver.statistics().heldCount == 20)
            driver.update(
                servers: Self.reports([servers[1].port]),
                writes: Self.place(servers[1].port, epoch: 2))
            for client in clients {
                #expect(try client.hear() == .integer(1))
                #expect(try client.hear() == .bulkString(Array("1".utf8)))
            }
            for _ in 0..<100 where driver.statistics().heldCount > 0 { usleep(10_000) }
            #expect(driver.statistics().heldCount == 0)
        }
    }

    @Test("WAIT counts the replicas that have the client's own last write, and no others")
    func wait() throws {
        let primary = try RedisProcess(port: 21_150)
        let replica = try RedisProcess(
            port: 21_151,
            arguments: ["--replicaof", "127.0.0.1", "21150", "--repl-diskless-sync-delay", "0"])
        try withBalancer([primary.port], service: .write) { port, _ in
            let client = try WireClient(port: port)
            for _ in 0..<200 where try client.ask("WAIT", "1", "50") != .integer(1) {}
            #expect(try client.ask("SET", "a", "1") == .simpleString(Array("OK".utf8)))
            #expect(try client.ask("WAIT", "1", "5000") == .integer(1))
            kill(replica.pid, SIGSTOP)
            #expect(try client.ask("SET", "a", "2") == .simpleString(Array("OK".utf8)))
            #expect(try client.ask("WAIT", "1", "100") == .integer(0))
            kill(replica.pid, SIGCONT)
            #expect(try client.ask("WAIT", "1", "5000") == .integer(1))
        }
    }

    @Test("a client that wants no replies silences nobody else")
    func noReplies() throws {
        let server = try RedisProcess(port: 21_123)
        try withBalancer([server.port], service: .auto) { port, _ in
            let quiet = try WireClient(port: port)
            try quiet.send("CLIENT", "REPLY", "OFF")
            try quiet.send("SET", "a", "1")
            try quiet.send("CLIENT", "REPLY", "ON")
            #expect(try quiet.hear() == .simple("OK"))
            for _ in 0..<4 {
                let other = try WireClient(port: port)
                #expect(try other.ask("GET", "a") == .bulk("1"))
            }
        }
    }

    @Test(
        "what a client sent before it closed is run, though it waits for no answer",
        arguments: [
            (21_126, [["CLIENT", "REPLY", "OFF"], ["SET", "last", "1"]]),
            (21_127, [["MULTI"], ["SET", "last", "1"], ["EXEC"]]),
        ])
    func lastWords(at place: Int, requests: [[String]]) throws {
        let server = try RedisProcess(port: UInt16(place))
        try withBalancer([server.port], service: .auto) { port, _ in
            let other = try WireClient(port: port)
            for _ in 0..<20 {
                #expect(try other.ask("SET", "last", "0") == .simple("OK"))
                var hasty: WireClient? = try WireClient(port: port)
                // Its own connection is there when data and end arrive together.
                try hasty?.send(WireClient.request(requests[0]))
                usleep(5_000)
                try hasty?.send(requests.dropFirst().flatMap(WireClient.request))
                hasty = nil
                for _ in 0..<2_000 where try other.ask("GET", "last") != .bulk("1") {
                    usleep(1_000)
                }
                #expect(try other.ask("GET", "last") == .bulk("1"))
            }
        }
    }

    @Test("listeners come and go while clients stay")
    func change() throws {
        let server = try RedisProcess(port: 21_122)
        try withBalancer([server.port]) { port, driver in
            let early = try WireClient(port: port)
            #expect(try early.ask("PING") == .simple("PONG"))
            let other = BalancerListener(endpoint: Self.endpoint(0), service: .write)
            try driver.change(listeners: [other], selection: SelectionPolicy())
            let place = try #require(driver.listeners.first)
            #expect(driver.listeners.count == 1)
            #expect(place.service == .write)
            for _ in 0..<100 where (try? WireClient(port: port)) != nil { usleep(10_000) }
            #expect(throws: WireFailure.self) { try WireClient(port: port) }
            #expect(try early.ask("PING") == .simple("PONG"))
            let late = try WireClient(port: place.endpoint.port)
            #expect(try late.ask("SET", "a", "1") == .simple("OK"))
        }
    }

    @Test("a client that hangs up while it is held is let go long before its request would be")
    func heldAndGone() throws {
        try withBalancer([21_198], service: .write) { port, driver in
            let client = try WireClient(port: port)
            try client.send("SET", "a", "1")
            for _ in 0..<100 where driver.statistics().heldCount < 1 { usleep(10_000) }
            usleep(1_100_000)
            #expect(driver.statistics().clientCount == 1)
            shutdown(client.descriptor, Int32(SHUT_WR))
            for _ in 0..<100 where driver.statistics().clientCount > 0 { usleep(10_000) }
            #expect(driver.statistics().clientCount == 0)
        }
    }

    @Test("without any server, a request is refused as one that has not run")
    func noServer() throws {
        try withBalancer([21_199]) { port, _ in
            let client = try WireClient(port: port)
            let text = try client.ask("GET", "k").text ?? ""
            #expect(text.hasPrefix("BATON_UNSERVED"))
        }
    }
}
