import Addressing
import FoundationEssentials
import Glibc
import Laboratory
import MonotonicTime
import Testing

extension EndToEnd {
    /// Libraries that ask Sentinels where the primary is, and know nothing of Baton.
    @Suite("Sentinel-aware client libraries", .timeLimit(.minutes(1)))
    struct DropInClientsTests {
        /// A program that uses one of them.
        private struct Library {
            let name: String
            /// What runs it; `nil` where it is not installed.
            let interpreter: String?
            let words: [String]

            private static let scripts = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "Clients").path(percentEncoded: false)

            static func python(_ name: String, _ script: String) -> Library {
                Library(
                    name: "\(name), \(script)",
                    interpreter: RedisPyWriter.interpreter(knowing: name),
                    words: ["\(scripts)/\(script)", name])
            }

            /// `question`: arguments with which the interpreter ends well if it has the library.
            static func debian(
                _ interpreter: String, _ script: String, _ question: [String], on host: Host
            ) -> Library {
                let ending = try? host.execute(interpreter, question).ending
                return Library(
                    name: script, interpreter: ending == .exited(0) ? interpreter : nil,
                    words: ["\(scripts)/\(script)"])
            }

            static func all(on host: Host) -> [Library] {
                [
                    python("redis", "sentinel_work.py"), python("redis", "sentinel_async.py"),
                    python("valkey", "sentinel_work.py"), python("valkey", "sentinel_async.py"),
                    debian("ruby", "sentinel_work.rb", ["-r", "redis", "-e", ""], on: host),
                    debian(
                        "php", "sentinel_work.php",
                        ["-r", "exit(class_exists('RedisSentinel') ? 0 : 1);"], on: host),
                    debian("perl", "sentinel_work.pl", ["-MRedis", "-e", "1"], on: host),
                ]
            }
        }

        private static let password = "sesame"

        @Test("find everything, log in or are refused, and write on and are told when it moves")
        func move() throws {
            var settings = SentinelSettings(
                downAfter: .seconds(1),
                lines: [
                    "user application on \">for \(Self.password)\" allchannels +@all"
                        + " -sentinel|reset"
                ])
            settings.password = Self.password
            try DropInStory.tell(settings) { story in
                let fleet = story.fleet
                let arguments =
                    [Self.password, Story.password, settings.group]
                    + ["\(fleet.servers[0].endpoint.address)"]
                    + fleet.sentinels.map { "\($0.endpoint.address):\($0.endpoint.port)" }
                var programs: [(Library, Program)] = []
                for library in Library.all(on: story.client) {
                    guard let interpreter = library.interpreter else {
                        // Debian has no valkey-py; everything else dev/setup installs.
                        print("skipped: \(library.name) has no interpreter, or that no library")
                        if getenv("BATON_REQUIRE_ROOT") != nil, !library.name.hasPrefix("valkey") {
                            Issue.record("\(library.name) can't be run")
                        }
                        continue
                    }
                    let program = try story.client.launch(
                        interpreter, library.words + arguments, name: library.name)
                    programs.append((library, program))
                }
                for (library, program) in programs {
                    let isReady = program.waitForOutput("ready", atMost: .seconds(15))
                    #expect(isReady, "\(library.name): \(program.output)")
                }
                fleet.servers[0].kill()
                for (library, program) in programs {
                    let ending = program.wait(atMost: .seconds(15))
                    let output = program.output
                    #expect(ending == .exited(0), "\(library.name): \(output)\n\(story.logEnds)")
                    let pause = output.split(separator: "\n").first { $0.hasPrefix("done ") }
                    story.report("\(library.name): \(pause ?? "not") without writes")
                    #expect(pause != nil, "\(library.name): \(output)")
                }
            }
        }
    }
}
