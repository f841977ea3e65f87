import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    @Suite("What a node refuses", .timeLimit(.minutes(1)))
    struct BadInputTests {
        /// Long enough for a complaint that is repeated at each attempt to be repeated.
        private static let patience = Interval.seconds(3)

        @Test("a wrong password is said once for each server, and nothing is lost")
        func wrongPassword() throws {
            try Story.prepare(BatonSettings(downAfter: .seconds(1), password: "wrong")) { story in
                let primary = try story.cluster.servers[0].connect()
                #expect(try primary.command("SET", "kept", "yes") == .simple("OK"))
                for node in story.cluster.nodes { try node.start() }
                for node in story.cluster.nodes {
                    #expect(
                        node.waitForEvent("WRONGPASS", atMost: .seconds(5)),
                        "\(node.host.name) says nothing\n\(story.cluster.logEnds)")
                }
                story.watchQuietly(Self.patience)
                for node in story.cluster.nodes {
                    let complaints = node.events("WRONGPASS")
                    #expect(complaints.count == 1, "\(node.host.name): \(complaints)")
                    #expect(!node.log.contains("wrong\n"), "the password stands in the log")
                }
                #expect(try primary.command("GET", "kept").text == "yes")
                #expect(try primary.command("ROLE").elements?.first?.text == "master")
                #expect(story.cluster.holders.isEmpty)
            }
        }

        @Test("a node with another secret is refused and named once; the others serve")
        func wrongSecret() throws {
            try Story.tell { story in
                let cluster = story.cluster
                let stranger = cluster.nodes[2]
                #expect(stranger.terminate() == .exited(0))
                try stranger.replaceContents(of: "other-secret", with: "another\n")
                let configuration = cluster.configuration.split(separator: "\n").map {
                    $0.hasPrefix("baton secret-file")
                        ? "baton secret-file \(stranger.directory)/other-secret" : String($0)
                }
                try stranger.replaceContents(
                    of: "baton.conf", with: configuration.joined(separator: "\n") + "\n")
                try stranger.start()
                story.watchQuietly(Self.patience)
                for node in cluster.nodes.dropLast() {
                    let complaints = node.events("redis03").filter { $0.contains("secret") }
                    #expect(
                        complaints.count == 1,
                        "\(node.host.name): \(complaints)\n\(cluster.logEnds)")
                }
                let stopped = cluster.holders.map(\.name)
                #expect(stopped == ["redis01"])
            }
        }

        @Test("a node whose state file is truncated says so, does not vote, leaves the file alone")
        func truncatedState() throws {
            try Story.tell { story in
                let cluster = story.cluster
                let forgetful = cluster.nodes[2]
                forgetful.kill()
                let whole = try #require(forgetful.contents(of: "baton.state"))
                let half = String(whole.prefix(whole.count / 2))
                try forgetful.replaceContents(of: "baton.state", with: half)
                try forgetful.start()
                #expect(forgetful.waitForEvent("state file", atMost: .seconds(5)))
                try cluster.waitUntilSettled()
                let status = try forgetful.connect().command("BATON", "STATUS").text ?? ""
                #expect(status.contains("\"mayVote\":false"))

                // With one more node dead the vote of this one would be needed.
                cluster.nodes[1].kill()
                cluster.servers[0].kill()
                story.watchQuietly(Self.patience)
                #expect(cluster.nodes[0].events("+elected-leader").isEmpty)
                #expect(forgetful.events("+vote-for-leader").isEmpty)
                #expect(forgetful.contents(of: "baton.state") == half)
                #expect(forgetful.events("state file").count == 1, "\(forgetful.log)")

                try cluster.nodes[1].start()
                #expect(try cluster.waitUntilSettled() !== cluster.servers[0])
                #expect(forgetful.contents(of: "baton.state") == half)
            }
        }

        @Test(
            "without CAP_NET_ADMIN it does not start, and names the capability and two ways to it")
        func noCapability() throws {
            try Story.prepare { story in
                let cluster = story.cluster
                let node = try cluster.node(
                    on: cluster.servers[0].host, configuration: cluster.configuration,
                    launcher: [
                        "setpriv", "--inh-caps", "-net_admin", "--bounding-set", "-net_admin", "--",
                    ])
                try node.start()
                #expect(node.program?.wait(atMost: .seconds(5)) == .exited(1))
                for words in ["CAP_NET_ADMIN", "AmbientCapabilities", "root"] {
                    #expect(node.output.contains(words), "\(words): \(node.output)")
                }
            }
        }

        @Test("every error of the file is said at once, and the status is 2")
        func badConfiguration() throws {
            try Story.prepare { story in
                let cluster = story.cluster
                let text =
                    cluster.configuration + "sentinel down-after-milliseconds mymaster 5000\n"
                    + "baton host redis01 192.168.11.126 node\n"
                let node = try cluster.node(on: cluster.servers[0].host, configuration: text)
                try node.start()
                #expect(node.program?.wait(atMost: .seconds(5)) == .exited(2))
                #expect(node.output.contains("mymaster"), "\(node.output)")
                #expect(node.output.contains("master1"), "the nearest right spelling")
                #expect(node.output.contains("redis01"), "\(node.output)")
                #expect(!node.host.has(Plan.writeAddress))
            }
        }
    }
}
