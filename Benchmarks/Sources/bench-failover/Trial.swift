import Addressing
import Glibc
import Laboratory
import MonotonicTime

/// What one fault has cost.
struct Trial {
    /// From the last acknowledged write to the next.
    var pause: Interval
    /// Acknowledged writes that the final primary lacks.
    var lostCount: Int
    /// The longest call of redis-py with no time-outs.
    var pythonCall: Interval
}

/// Why a trial has no figures.
struct TrialFailure: Error, CustomStringConvertible {
    var description: String
}

/// One cluster that is hurt again and again by the same fault.
final class Bench {
    private let fault: Fault
    private let laboratory: Laboratory
    private let cluster: BatonCluster
    private let python: RedisPyWriter
    private var count = 0

    /// No trial takes longer than this to come back; then it has failed.
    private static let recoveryLimit = Interval.seconds(20)
    /// Writes that flow before the fault, so that it does not meet the beginning.
    private static let quietMicroseconds: UInt32 = 300_000
    private static let target = Endpoint(address: .v4(Plan.writeAddress), port: 6379)

    init(_ fault: Fault) throws {
        self.fault = fault
        laboratory = try Laboratory.build()
        cluster = try laboratory.startBaton(BatonSettings(downAfter: fault.downAfter))
        python = try RedisPyWriter(
            on: laboratory.host("client"), target: Self.target,
            password: RedisSettings.note.password ?? "", timeouts: .none)
        guard python.waitForSuccess(after: Laboratory.now, atMost: .seconds(10)) else {
            throw TrialFailure(description: "redis-py does not write")
        }
    }

    func close() {
        laboratory.close()
    }

    /// Restores the cluster, inflicts the fault, waits for everything to come back, and counts.
    func run() throws -> Trial {
        count += 1
        let primary = try cluster.restore()
        let writer = Writer(
            on: laboratory.host("client"),
            Writer.Settings(target: Self.target, keyPrefix: "run\(count):"))
        defer { writer.stop() }
        usleep(Self.quietMicroseconds)
        guard writer.log.acknowledged.count > 1 else {
            throw TrialFailure(description: "no writes before the fault\n\(cluster.logEnds)")
        }
        let moment = Laboratory.now
        try fault.inflict(on: primary, in: laboratory)
        try waitForWrites(writer, after: moment)
        let pythonCall = try longestPythonCall(since: moment)
        let final = try cluster.restore()
        let log = writer.stop()
        guard let gap = log.longestGap(since: moment) else {
            throw TrialFailure(description: "no writes after the fault")
        }
        return Trial(
            pause: gap.length, lostCount: try writer.lost(on: try final.connect()).count,
            pythonCall: pythonCall)
    }

    /// A write that was under way at the fault may still succeed: the first that fails after it
    /// tells that the fault has come, the first that succeeds after that one that it is over.
    private func waitForWrites(_ writer: Writer, after moment: Instant) throws {
        let deadline = moment + Self.recoveryLimit
        while Laboratory.now < deadline {
            let failed = writer.log.attempts.first {
                $0.end > moment && $0.outcome != .acknowledged
            }
            if let failed,
                writer.waitForAcknowledgement(
                    after: failed.begin, atMost: deadline - Laboratory.now)
            {
                return
            }
            usleep(2_000)
        }
        throw TrialFailure(description: "writes did not come back\n\(cluster.logEnds)")
    }

    private func longestPythonCall(since moment: Instant) throws -> Interval {
        guard python.waitForSuccess(after: Laboratory.now, atMost: Self.pythonLimit) else {
            throw TrialFailure(description: "redis-py did not come back\n\(cluster.logEnds)")
        }
        return python.calls.filter { $0.end > moment }.map(\.length).max() ?? .zero
    }

    /// TCP may retransmit at growing distances for a quarter of an hour; nobody waits so long here.
    private static let pythonLimit = Interval.seconds(60)
}
