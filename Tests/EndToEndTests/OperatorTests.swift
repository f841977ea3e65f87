import Glibc
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    /// What people and their scripts do around a node.
    @Suite("Around a node", .timeLimit(.minutes(1)))
    struct OperatorTests {
        @Test("an address that somebody removed is noticed and put back")
        func addressRemoved() throws {
            try Story.tell { story in
                let host = story.cluster.servers[0].host
                let writer = try story.startWriter()
                let fault = Laboratory.now
                let (ending, output) = try host.execute(
                    "ip", ["address", "del", "\(Plan.writeAddress)/32", "dev", "ens34"])
                #expect(ending == .exited(0), Comment(rawValue: output))
                story.wait(atMost: .seconds(2), for: "the address was not put back") {
                    host.has(Plan.writeAddress)
                }
                story.report("removed by hand, put back after \((Laboratory.now - fault).text)")
                #expect(story.cluster.nodes[0].waitForEvent("!address", atMost: .seconds(1)))
                let goesOn = writer.waitForAcknowledgement(
                    after: Laboratory.now, atMost: .seconds(2))
                #expect(goesOn)
                #expect(try story.cluster.waitUntilSettled().host === host)
            }
        }

        /// The note's script was never called; this one is, on every host, although the address
        /// moves without it.
        @Test("a client-reconfig-script is called with Sentinel's arguments on every host")
        func script() throws {
            let laboratory = try Laboratory.build()
            defer { laboratory.close() }
            let path = "\(laboratory.directory)/reconfig_master.sh"
            let text = "#!/bin/sh\necho \"$*\" >> reconfig.log\n"
            try #require(writeExecutable(text, to: path))
            let cluster = try laboratory.startBaton(
                BatonSettings(lines: ["sentinel client-reconfig-script master1 \(path)"]))

            cluster.servers[0].kill()
            var primary: RedisServer?
            #expect(throws: Never.self) { primary = try cluster.waitUntilSettled() }
            let address = "\(try #require(primary).host.address(on: .internal))"
            var roles: [String] = []
            for node in cluster.nodes {
                let deadline = Laboratory.now + .seconds(5)
                while node.contents(of: "reconfig.log") == nil, Laboratory.now < deadline {
                    usleep(5_000)
                }
                let call = node.contents(of: "reconfig.log") ?? "not called"
                let words = call.split(whereSeparator: \.isWhitespace).map(String.init)
                #expect(
                    words.count == 7 && words[0] == "master1"
                        && words[2...].elementsEqual(
                            ["start", "192.168.11.123", "6379", address, "6379"]),
                    "\(node.host.name): \(call)\n\(cluster.logEnds)")
                roles.append(words.count > 1 ? words[1] : "")
            }
            #expect(roles.sorted() == ["leader", "observer", "observer"])
        }

        private func writeExecutable(_ text: String, to path: String) -> Bool {
            guard let file = fopen(path, "we") else { return false }
            fputs(text, file)
            return fclose(file) == 0 && chmod(path, 0o755) == 0
        }

        @Test("daemonize, pidfile and logfile do what Redis's do")
        func daemonized() throws {
            let settings = BatonSettings(lines: ["daemonize yes", "pidfile baton.pid"])
            try Story.prepare(settings) { story in
                let node = story.cluster.nodes[0]
                for node in story.cluster.nodes {
                    try node.start()
                    let ending = node.program?.wait(atMost: .seconds(5))
                    #expect(ending == .exited(0), Comment(rawValue: node.output))
                }
                story.wait(atMost: .seconds(15), for: "no daemon took the address") {
                    node.host.has(Plan.writeAddress)
                }
                let text = try #require(node.contents(of: "baton.pid"), "no pid file")
                let pid = try #require(Int32(text.split(separator: "\n").first ?? ""))
                #expect(getsid(pid) == pid, "it is in a session of its own")
                #expect(node.log.contains("\(pid):X "), "its log tells its process id")

                #expect(kill(pid, SIGTERM) == 0)
                story.wait(atMost: .seconds(5), for: "the pid file stays") {
                    node.contents(of: "baton.pid") == nil
                }
            }
        }
    }
}
