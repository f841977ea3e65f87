import Foundation
import Glibc
import Laboratory
import MonotonicTime
import Testing

extension EndToEnd {
    /// Libraries that know nothing of Baton, and whatever programs do with them.
    @Suite("Client libraries through the balancers", .timeLimit(.minutes(2)))
    struct ClientLibraryTests {
        private static let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Clients/ordinary_work.py").path(percentEncoded: false)

        private static let listeners = [
            ("read", BatonSettings.readPort), ("write", BatonSettings.writePort),
            ("auto", BatonSettings.autoPort),
        ]

        @Test(
            "pipelines, transactions, subscriptions, blocked pops, cursors and scripts work",
            arguments: ["redis", "valkey"])
        func work(_ library: String) throws {
            guard let python = RedisPyWriter.interpreter(knowing: library) else {
                // Where PyPI can't be reached there is no valkey-py; dev/setup has said so.
                try #require(getenv("BATON_REQUIRE_ROOT") == nil, "\(library) is not installed")
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
    }
}
