import Foundation
import Laboratory
import RESP
import Testing

extension EndToEnd {
    /// The list of requests in `dev/compare-sentinel-requests`, sent to Debian's redis-sentinel and
    /// to the program that takes its place, each in a world of its own that looks the same.
    @Suite("baton sentinel beside a real redis-sentinel", .timeLimit(.minutes(3)))
    struct DropInComparisonTests {
        private static let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

        private static func lines(_ name: String) throws -> [String] {
            try String(contentsOf: root.appending(path: "dev/" + name), encoding: .utf8)
                .split(separator: "\n").map(String.init)
                .filter { !$0.hasPrefix("#") && !$0.isEmpty }
        }

        @Test("answers every request of the list alike, but for the exceptions, each with a reason")
        func alike() throws {
            let exceptions = try Self.lines("compare-sentinel-exceptions").map { line in
                let parts = line.split(separator: "\t", maxSplits: 1)
                return (request: String(parts[0]), reason: parts.count == 2 ? String(parts[1]) : "")
            }
            #expect(exceptions.allSatisfy { !$0.reason.isEmpty }, "an exception without a reason")
            let laboratory = try Laboratory.build()
            defer { laboratory.close() }
            let executable = try #require(BatonExecutable.find())
            let theirWorld = try ComparisonWorld(laboratory, "redis01") {
                ["redis-server", $0, "--sentinel"]
            }
            let ourWorld = try ComparisonWorld(laboratory, "redis02") {
                [executable, "sentinel", $0]
            }
            try theirWorld.settle()
            try ourWorld.settle()

            var counts = (requests: 0, equal: 0, excepted: 0, different: 0)
            var used: Set<String> = []
            for line in try Self.lines("compare-sentinel-requests") {
                let request = ComparedRequest(line)
                let theirs = request.masked(
                    try theirWorld.exchange(request.connection, request.bytes))
                let ours = request.masked(try ourWorld.exchange(request.connection, request.bytes))
                counts.requests += 1
                if theirs == ours {
                    counts.equal += 1
                } else if exceptions.contains(where: { $0.request == line }) {
                    counts.excepted += 1
                    used.insert(line)
                } else {
                    counts.different += 1
                    let (theirText, ourText) = (theirs.map(\.text), ours.map(\.text))
                    Issue.record("\(line)\n  redis-sentinel: \(theirText)\n  baton: \(ourText)")
                }
            }
            print(
                "RESULT requests=\(counts.requests) equal=\(counts.equal)"
                    + " excepted=\(counts.excepted) different=\(counts.different)")
            #expect(counts.requests >= 300)
            for exception in exceptions where !used.contains(exception.request) {
                Issue.record("an exception that is not needed: \(exception.request)")
            }
        }
    }
}

/// A line of the list: the letter of a connection with `>` in front, unless it is `a`; `*` in front
/// of words that are sent as an array, others go as they are.
private struct ComparedRequest {
    let connection: Character
    let bytes: [UInt8]
    private let words: [String]

    init(_ line: String) {
        var text = line[...]
        var connection: Character = "a"
        if let first = text.first, text.dropFirst().hasPrefix("> ") {
            connection = first
            text = text.dropFirst(3)
        }
        var bytes = Array((text + "\r\n").utf8)
        if text.hasPrefix("*") {
            text = text.dropFirst()
            bytes = []
            RESPEncoder.appendRequest(text.split(separator: " ").map(String.init), to: &bytes)
        }
        self.connection = connection
        self.bytes = bytes
        words = text.lowercased().split(separator: " ").map(String.init)
    }

    func masked(_ values: [RESPValue]) -> [ComparedReply] {
        values.map { ComparedReply($0, to: words) }
    }
}
