import Glibc
public import MonotonicTime

/// Two hosts that are made to hold the write address at once, with servers that answer there: a
/// prober that does not see them proves nothing elsewhere.
public struct ControlRun: Sendable {
    /// How long both held it.
    public let held: Interval
    /// What the prober saw.
    public let log: AnswerLog

    /// How long the prober saw two holders.
    public var twoHolders: Interval { log.twoHolders }

    /// Builds a laboratory of its own, in which no node runs.
    public static func run(for duration: Interval) throws(LaboratoryError) -> ControlRun {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let holders = [laboratory.host("redis01"), laboratory.host("redis02")]
        for host in holders { _ = try laboratory.startServer(on: host) }
        let prober = try Prober(holders + [laboratory.host("redis03")], in: laboratory)
        for host in holders { try address("add", on: host) }
        let begin = Laboratory.now
        usleep(UInt32(duration.nanoseconds / 1_000))
        try address("del", on: holders[0])
        let end = Laboratory.now
        // The one that is left goes on: what it answers now must not count.
        usleep(100_000)
        return ControlRun(held: end - begin, log: prober.stop())
    }

    private static func address(_ verb: String, on host: Host) throws(LaboratoryError) {
        let network = Plan.Network.external
        let words = ["address", verb, "\(Plan.writeAddress)/32", "dev", network.interface]
        let (ending, output) = try host.execute("ip", words)
        guard ending == .exited(0) else {
            throw .commandFailed(command: "ip \(words.joined(separator: " "))", output: output)
        }
    }
}
