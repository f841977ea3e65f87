import Glibc
import Laboratory
import Workbench

// `make bench-idle`: what it costs to hold a write address while nothing happens.

let workbench = Workbench("bench-idle")
let seconds = workbench.number("SECONDS_EACH", default: 60)

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
    let fleet = try SentinelFleet(in: laboratory)
    let programs = fleet.sentinels.compactMap { one in one.program.map { ($0, one.host) } }
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
    workbench.say("bench-idle: \(error)")
    exit(1)
}
