import Addressing
import Glibc
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    @Suite("Where a drop-in Sentinel is reached, and where it comes from", .timeLimit(.minutes(1)))
    struct DropInPlacesTests {
        @Test("it answers on its unix socket, links come from bind-source-addr, a pause is kept")
        func places() throws {
            let laboratory = try Laboratory.build()
            defer { laboratory.close() }
            let host = laboratory.host("redis01")
            let server = try laboratory.startServer(on: host)
            let directory = laboratory.directory
            let address = "\(host.address(on: .external))"
            let file = "\(directory)/places.conf"
            let text = """
                port 26379
                protected-mode no
                dir \(directory)
                unixsocket \(directory)/sentinel.sock
                unixsocketperm 700
                bind-source-addr \(address)
                sentinel monitor orders \(host.address(on: .internal)) 6379 1
                sentinel auth-pass orders \(Story.password)

                """
            let output = try #require(fopen(file, "w"))
            try #require(fputs(text, output) >= 0)
            fclose(output)
            let executable = try #require(BatonExecutable.find())
            let program = try host.launch(executable, ["sentinel", file], name: "sentinel")
            try #require(program.waitForOutput("+monitor", atMost: .seconds(5)))

            let socket = "\(directory)/sentinel.sock"
            let words = ["-s", socket, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "orders"]
            #expect(try host.execute("redis-cli", words).output.contains("6379"))
            let clients = try host.execute("redis-cli", ["-s", socket, "CLIENT", "LIST"]).output
            #expect(clients.contains(" addr=\(socket):0 laddr=\(socket):0 "))
            var status = stat()
            #expect(stat(socket, &status) == 0 && status.st_mode & 0o777 == 0o700)

            let deadline = Laboratory.now + .seconds(5)
            let client = try server.connect()
            func links() throws -> [Substring] {
                try (client.command("CLIENT", "LIST").text ?? "").split(separator: "\n")
                    .filter { $0.contains("name=sentinel-") }
            }
            while try links().count < 2, Laboratory.now < deadline { usleep(20_000) }
            #expect(try links().count == 2)
            #expect(try links().allSatisfy { $0.contains(" addr=\(address):") })

            let paused = Laboratory.now
            let local = Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: 26_379)
            let asking = try RedisClient(from: host, to: local)
            #expect(try asking.command("CLIENT", "PAUSE", "300", "ALL") == .simple("OK"))
            #expect(try asking.command("PING") == .simple("PONG"))
            #expect(Laboratory.now - paused >= .milliseconds(295))

            program.send(signal: SIGTERM)
            #expect(program.wait(atMost: .seconds(5)) == .exited(0))
            #expect(stat(socket, &status) != 0, "the socket's file is left behind")
        }
    }
}
