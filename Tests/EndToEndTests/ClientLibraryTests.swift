import Foundation
import Laboratory
import MonotonicTime
import Testing

extension EndToEnd {
    /// Libraries that know nothing of Baton, and whatever programs do with them.
    @Suite("Client libraries through the balancers", .timeLimit(.minutes(2)))
    struct ClientLibraryTests {
        private static let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Clients/ordinary_work.py").path(percentEncoded: false)

        private static let notices = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Clients/notices.py").path(percentEncoded: false)

        private static let moving = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Clients/moving.py").path(percentEncoded: false)

        private static let listeners = [
            ("read", BatonSettings.readPort), ("write", BatonSettings.writePort),
            ("auto", BatonSettings.autoPort),
        ]

        @Test(
            "pipelines, transactions, subscriptions, blocked pops, cursors and scripts work",
            arguments: ["redis", "valkey"])
        func work(_ library: String) throws {
            guard let python = RedisPyWriter.interpreter(knowing: library) else {
                // Where PyPI can't be reached there is none, and dev/setup has said so.
                print("skipped: \(library) is not installed")
                return
            }
            try WritesThroughBalancerTests.tell { story in
                for (kind, port) in Self.listeners {
                    let begin = Laboratory.now
                    let (ending, output) = try story.client.execute(
                        python,
                        [
                            Self.script, library, "\(Plan.readAddress)", "\(port)", kind,
                            Story.password, "\(BatonSettings.writePort)",
                        ], atMost: .seconds(40))
                    #expect(ending == .exited(0), "\(kind): \(output)")
                    #expect(output.hasSuffix("done\n"), "\(kind): \(output)")
                    story.report("\(library), \(kind): \((Laboratory.now - begin).text)")
                }
            }
        }

        @Test("redis-py with RESP3 is told of a planned move, and no write of it fails")
        func notices() throws {
            guard let python = RedisPyWriter.interpreter(knowing: "redis.maint_notifications")
            else {
                // Debian's own, where PyPI can't be reached, is older than these notifications.
                print("skipped: redis-py is too old to be told of failovers")
                return
            }
            try WritesThroughBalancerTests.tell { story in
                let program = try story.client.launch(
                    python,
                    [
                        Self.notices, "\(Plan.readAddress)", "\(BatonSettings.autoPort)",
                        Story.password, "3",
                    ], name: "notices")
                #expect(program.waitForOutput("ready", atMost: .seconds(10)))
                let baton = try #require(BatonExecutable.find())
                let (moved, text) = try story.cluster.servers[0].host.execute(
                    baton, ["switchover"], atMost: .seconds(15))
                #expect(moved == .exited(0), "\(text)")
                let ending = program.wait(atMost: .seconds(15))
                let output = program.output
                #expect(ending == .exited(0), "\(output)")
                let lines = output.split(separator: "\n")
                #expect(
                    lines.dropLast() == [
                        "ready", "NodeFailingOverNotification", "NodeFailedOverNotification",
                    ], "\(output)")
            }
        }

        @Test(
            "a balancer is stopped: redis-py with RESP3 goes to the other, and no read of it fails")
        func moving() throws {
            guard let python = RedisPyWriter.interpreter(knowing: "redis.maint_notifications")
            else {
                print("skipped: redis-py is too old to be told that a balancer goes")
                return
            }
            try WritesThroughBalancerTests.tell { story in
                _ = try story.redisCLI("10.18.14.94", "set", "greeting", "hello")
                let holders = story.cluster.readHolders
                let active = try #require(
                    story.cluster.balancers.first { $0.host === holders.first })
                let programs = try (0..<2).map { index in
                    try story.client.launch(
                        python,
                        [
                            Self.moving, "\(Plan.readAddress)", "\(BatonSettings.readPort)",
                            Story.password, "4",
                        ], name: "moving\(index)")
                }
                for program in programs {
                    #expect(program.waitForOutput("ready", atMost: .seconds(10)))
                }
                // A balancer counts its clients ten times a second.
                story.watchQuietly(.milliseconds(300))
                let begin = Laboratory.now
                #expect(active.terminate(atMost: .seconds(8)) == .exited(0))
                story.report(
                    "a balancer with clients to tell is stopped in \((Laboratory.now - begin).text)"
                )
                for program in programs {
                    let ending = program.wait(atMost: .seconds(15))
                    let output = program.output
                    #expect(ending == .exited(0), "\(output)")
                    let lines = output.split(separator: "\n")
                    #expect(lines.dropLast() == ["ready", "NodeMovingNotification"], "\(output)")
                    story.report("reads, and the longest of them in ms: \(lines.last ?? "")")
                }
                #expect(story.cluster.readHolders.allSatisfy { $0 !== active.host })
            }
        }
    }
}
