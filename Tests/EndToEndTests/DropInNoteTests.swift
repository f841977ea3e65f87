import Addressing
import Foundation
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    @Suite("The note's own sentinel.conf", .timeLimit(.minutes(1)))
    struct DropInNoteTests {
        /// Writes down what it is called with.
        private static func script(in laboratory: Laboratory) throws -> (path: String, calls: URL) {
            let path = "\(laboratory.directory)/reconfig_master.sh"
            let calls = URL(filePath: "\(laboratory.directory)/calls")
            try "#!/bin/sh\necho \"$@\" >> \(calls.path(percentEncoded: false))\n"
                .write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            return (path, calls)
        }

        @Test("primary killed: within 300 ms of +sdown all clients are sent to a new one")
        func kill() throws {
            let laboratory = try Laboratory.build()
            defer { laboratory.close() }
            let (script, calls) = try Self.script(in: laboratory)
            let fleet = try SentinelFleet(
                of: DropInStory.ours, .note(script: script), in: laboratory)
            let story = DropInStory(fleet: fleet, client: laboratory.host("client"))
            let old = fleet.servers[0]
            old.kill()
            story.wait(atMost: .seconds(20), for: "not all have switched\n\(story.logEnds)") {
                fleet.sentinels.allSatisfy { $0.log.contains("+switch-master") }
            }
            let leaders = story.leaders(since: [0, 0, 0])
            let leader = try #require(leaders.first, "\(story.logEnds)")
            let down = try #require(leader.moment(of: "+sdown master"))
            let moved = try #require(leader.moment(of: "+switch-master"))
            // The day may change in between.
            let length = (moved - down + 86_400_000) % 86_400_000
            story.report("the note's sentinel.conf: +sdown to +switch-master in \(length) ms")
            #expect(length < 2_000, "\(leader.log)")
            #expect(leaders.count == 1)

            let primary = try fleet.waitUntilSettled(otherThan: old)
            #expect(try primary.connect(from: story.client).command("SET", "a", "1").text == "OK")
            for sentinel in fleet.sentinels {
                #expect(sentinel.primary(askedFrom: story.client) == primary.endpoint)
            }
            // As Sentinel calls it: the leader's host first, the others once they have heard.
            let words = " start \(old.endpoint.address) 6379 \(primary.endpoint.address) 6379"
            story.wait(atMost: .seconds(5), for: "the script was not called everywhere") {
                let lines = (try? String(contentsOf: calls, encoding: .utf8)) ?? ""
                return lines.split(separator: "\n").sorted() == [
                    "master1 leader\(words)", "master1 observer\(words)",
                    "master1 observer\(words)",
                ]
            }
        }
    }
}
