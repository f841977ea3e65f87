import Laboratory
import MonotonicTime
import Testing

/// A story of Sentinels: the note's servers with one on each of their hosts, real ones or Baton's.
struct DropInStory: Narrated {
    let fleet: SentinelFleet
    let client: Host

    var laboratory: Laboratory { fleet.laboratory }
    var logEnds: String { fleet.logEnds }

    /// Three of Baton's.
    static let ours: [Sentinel.Kind] = [.baton, .baton, .baton]

    /// Builds the hosts, starts servers and Sentinels, and tells the story once all know all.
    static func tell(
        of kinds: [Sentinel.Kind] = ours, _ settings: SentinelSettings = SentinelSettings(),
        _ body: (DropInStory) throws -> Void
    ) throws {
        try prepare(of: kinds, settings) { story in
            for sentinel in story.fleet.sentinels { try sentinel.start() }
            try story.fleet.hasten()
            try body(story)
        }
    }

    /// The same with Sentinels that the story starts itself. What they logged is said when it
    /// fails.
    static func prepare(
        of kinds: [Sentinel.Kind] = ours, _ settings: SentinelSettings = SentinelSettings(),
        _ body: (DropInStory) throws -> Void
    ) throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let fleet = try SentinelFleet(preparing: kinds, settings, in: laboratory)
        let story = DropInStory(fleet: fleet, client: laboratory.host("client"))
        do {
            try body(story)
        } catch {
            Issue.record("\(error)\n\(story.logEnds)")
        }
    }

    /// The Sentinels that led a failover since their logs had these many lines about it.
    func leaders(since before: [Int]) -> [Sentinel] {
        zip(fleet.sentinels, before).filter { electionCount(of: $0) > $1 }.map(\.0)
    }

    /// How many failovers each has led so far.
    var electionCounts: [Int] { fleet.sentinels.map(electionCount) }

    private func electionCount(of sentinel: Sentinel) -> Int {
        sentinel.log.split(separator: "\n").count { $0.contains("+promoted-slave") }
    }
}
