import Glibc
import Laboratory

// `make bench-idle`: what it costs to hold a write address while nothing happens.

Laboratory.closeAllOnSignals()

/// Failures; the figures alone go to standard output.
func say(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
}

let seconds = getenv("SECONDS_EACH").flatMap { Int(String(cString: $0)) } ?? 60
guard seconds > 0 else {
    say("bench-idle: SECONDS_EACH must be a number above 0")
    exit(2)
}
let obstacles = Laboratory.availability.namespaceObstacles
guard obstacles.isEmpty else {
    say("bench-idle: " + obstacles.map(\.description).joined(separator: "; "))
    exit(2)
}

func baton(hasWriteAddress: Bool) throws -> Gauge {
    let laboratory = try Laboratory.build()
    defer { laboratory.close() }
    var settings = BatonSettings()
    if !hasWriteAddress { settings.writeAddress = nil }
    let cluster = try laboratory.startBaton(settings)
    let programs = cluster.nodes.compactMap { node in node.program.map { ($0, node.host) } }
    return try Gauge.read(programs, seconds: seconds)
}

func sentinel() throws -> Gauge {
    let laboratory = try Laboratory.build()
    defer { laboratory.close() }
    let fleet = try SentinelFleet(laboratory, BatonSettings())
    let programs = zip(fleet.sentinels, fleet.servers).map { ($0, $1.host) }
    return try Gauge.read(programs, seconds: seconds)
}

func text(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
}

do {
    let ours = try baton(hasWriteAddress: true)
    let unleased = try baton(hasWriteAddress: false)
    let theirs = try sentinel()
    let lease = ours.messagesPerSecond - unleased.messagesPerSecond
    print("three hosts, one group, \(seconds) s each; percent of one core, messages in a second")
    let gauges = [
        ("baton", ours), ("baton without a write address", unleased), ("redis-sentinel", theirs),
    ]
    for (name, gauge) in gauges {
        print(
            "\(name): \(gauge.cpuPercents.map { text($0) + " %" }.joined(separator: ", ")); "
                + "\(text(gauge.messagesPerSecond)) between the hosts")
    }
    print(
        "RESULT seconds=\(seconds) cpu_worst_percent=\(text(ours.cpuWorst))"
            + " messages_per_second=\(text(ours.messagesPerSecond))"
            + " lease_messages_per_second=\(text(lease))"
            + " sentinel_cpu_worst_percent=\(text(theirs.cpuWorst))"
            + " sentinel_messages_per_second=\(text(theirs.messagesPerSecond))")
} catch {
    say("bench-idle: \(error)")
    exit(1)
}
