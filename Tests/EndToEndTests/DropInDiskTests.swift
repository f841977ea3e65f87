import Foundation
import Glibc
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    @Suite("A Sentinel that cannot write its file", .timeLimit(.minutes(1)))
    struct DropInDiskTests {
        /// Begins a Sentinel whose directory is a file system of 64 KiB that nobody else sees and
        /// that ends with it.
        private static func smallDisk(_ directory: String) -> [String] {
            [
                "unshare", "--mount", "sh", "-c",
                "text=$(cat \"$0/sentinel.conf\")"
                    + " && mount -t tmpfs -o size=64k,mode=700 tmpfs \"$0\""
                    + " && printf '%s\\n' \"$text\" > \"$0/sentinel.conf\" && exec \"$@\"",
                directory,
            ]
        }

        /// The Sentinel's directory as that sees it.
        private func directory(of sentinel: Sentinel) throws -> String {
            "/proc/\(try #require(sentinel.program).pid)/root\(sentinel.directory)"
        }

        /// Leaves no byte free where the Sentinel writes.
        private func fill(_ sentinel: Sentinel) throws {
            let path = try directory(of: sentinel) + "/filler"
            let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            try #require(descriptor >= 0)
            defer { close(descriptor) }
            let block = [UInt8](repeating: 0, count: 4_096)
            for _ in 0..<64 where write(descriptor, block, block.count) < 0 {
                try #require(errno == ENOSPC)
                return
            }
            Issue.record("the file system is no small one")
        }

        @Test(
            "stops voting and keeps watching while its disk is full, and votes when there is room")
        func full() throws {
            let settings = SentinelSettings(downAfter: .seconds(1), failoverTimeout: .seconds(5))
            try DropInStory.prepare(settings) { story in
                let (fleet, poor) = (story.fleet, story.fleet.sentinels[2])
                for sentinel in fleet.sentinels.dropLast() { try sentinel.start() }
                try poor.start(launcher: Self.smallDisk(poor.directory))
                let old = try fleet.hasten()
                try fill(poor)
                old.kill()
                // Two of three elect, and it takes over what they agreed on.
                let second = try fleet.waitUntilSettled(otherThan: old)
                #expect(poor.log.contains("was not able to save the new configuration on disk"))
                let id = poor.ask("SENTINEL", "MYID")?.text ?? "?"
                for sentinel in fleet.sentinels {
                    #expect(!sentinel.log.contains("\(id) voted for"), "\(story.logEnds)")
                }
                #expect(poor.primary(askedFrom: story.client) == second.endpoint)
                let refusal = poor.ask("SENTINEL", "FLUSHCONFIG")?.text ?? ""
                #expect(refusal.hasPrefix("ERR Failed to save config file."))

                try FileManager.default.removeItem(atPath: directory(of: poor) + "/filler")
                story.wait(atMost: .seconds(5), for: "there is room, and nothing is saved") {
                    poor.ask("SENTINEL", "FLUSHCONFIG") == .simple("OK")
                }
                try old.start()
                try fleet.waitUntilSettled()
                // Now nobody can be elected without its vote.
                fleet.sentinels[second.host === fleet.sentinels[0].host ? 1 : 0].kill()
                second.kill()
                try fleet.waitUntilSettled(otherThan: second)
                let voted = fleet.sentinels.contains { $0.log.contains("\(id) voted for") }
                #expect(voted || poor.log.contains("+vote-for-leader \(id)"), "\(story.logEnds)")
                let path = try directory(of: poor) + "/sentinel.conf"
                try story.wait(atMost: .seconds(3), for: "what was agreed on is not in its file") {
                    let text = try String(contentsOfFile: path, encoding: .utf8)
                    return poor.field("config-epoch").map {
                        text.contains("sentinel config-epoch master1 \($0)\n")
                    } ?? false
                }
            }
        }

        @Test(
            "does not start when it may not write the file, and says so, as real Sentinel does",
            arguments: [Sentinel.Kind.redis, .baton])
        func unwritable(_ kind: Sentinel.Kind) throws {
            let laboratory = try Laboratory.build()
            defer { laboratory.close() }
            let host = laboratory.host("redis01")
            let path = "\(laboratory.directory)/sentinel.conf"
            try "sentinel monitor master1 192.168.11.123 6379 2\n"
                .write(toFile: path, atomically: true, encoding: .utf8)
            let baton = try #require(BatonExecutable.find())
            let words =
                kind == .baton ? [baton, "sentinel", path] : ["redis-server", path, "--sentinel"]
            // Root may write any file, except where nobody may.
            let (ending, output) = try host.execute(
                "unshare",
                [
                    "--mount", "sh", "-c",
                    "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && exec \"$@\"",
                    laboratory.directory,
                ] + words)
            #expect(ending == .exited(1), "\(output)")
            #expect(output.contains("not writable"), "\(output)")
            #expect(output.contains("Read-only file system"), "\(output)")
        }
    }
}
