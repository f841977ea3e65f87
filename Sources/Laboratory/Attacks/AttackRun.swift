import Addressing
import Glibc
public import MonotonicTime

/// Attacks a scene once: writers on both sides and a prober before, during and after it.
public struct AttackRun {
    private let scene: AttackScene
    private let prober: Prober
    private let inside: Writer
    private let outside: Writer
    private let server: RedisServer

    /// Writes come back within a few seconds, or not at all.
    private static let comebackLimit = Interval.seconds(10)
    private static let target = Endpoint(address: .v4(Plan.writeAddress), port: 6_379)
    private static let count = Shared(0)

    /// Attacks, heals, and tells what it cost. `delay` shifts the moment against the rhythm of the
    /// cluster. Throws when the cluster was not well before, or can't be made so again.
    public static func run(
        _ attack: Attack, on scene: AttackScene, after delay: Interval = .zero
    ) throws(LaboratoryError) -> AttackReport {
        let run = try AttackRun(scene)
        defer {
            run.inside.stop()
            run.outside.stop()
            run.prober.stop()
        }
        usleep(UInt32(delay.nanoseconds / 1_000))
        return try run.carryOut(attack)
    }

    private init(_ scene: AttackScene) throws(LaboratoryError) {
        self.scene = scene
        server = try scene.restore()
        let number = Self.count.with { count in
            count += 1
            return count
        }
        func writer(on host: Host) -> Writer {
            Writer(
                on: host,
                Writer.Settings(target: Self.target, keyPrefix: "\(number):\(host.name):"))
        }
        inside = writer(on: scene.inside)
        outside = writer(on: scene.outside)
        prober = try Prober(scene.hosts, in: scene.laboratory)
        let begin = Laboratory.now
        for writer in [inside, outside]
        where !writer.waitForAcknowledgement(after: begin, atMost: .seconds(3)) {
            inside.stop()
            outside.stop()
            prober.stop()
            throw notReady("a writer")
        }
    }

    private func carryOut(_ attack: Attack) throws(LaboratoryError) -> AttackReport {
        var assault = Assault(scene, prober, on: server)
        try assault.inflict(attack)
        let comeback = waitForWrites(attack, since: assault.moments)
        let healing = Laboratory.now
        let primary = try scene.restore()
        let settled = Laboratory.now
        guard outside.waitForAcknowledgement(after: settled, atMost: Self.comebackLimit) else {
            throw notReady("a writer after the attack")
        }
        let logs = [inside.stop(), outside.stop()]
        let answers = prober.stop()
        do throws(ConnectionFailure) {
            var report = AttackReport(attack: attack, answers: answers, moments: assault.moments)
            for (writer, log) in zip([inside, outside], logs) {
                let numbers = Set(try writer.lost(on: try primary.connect(timeout: .seconds(5))))
                report.acknowledgedCount += log.acknowledged.count
                report.lost += log.acknowledged.filter { numbers.contains($0.number) }
            }
            report.cameBack = comeback
            report.unavailable = logs[1].longestGap(since: assault.moments[0])?.length ?? .zero
            report.settling = settled - healing
            report.silence = silence(of: server.host, answers, assault.moments[0], healing)
            return report
        } catch {
            throw .notReady(
                program: "the final primary (\(error))", after: .zero, log: scene.cluster.logEnds)
        }
    }

    /// Whether clients on the majority's side write again, after the attack has had its effect.
    private func waitForWrites(_ attack: Attack, since moments: [Instant]) -> Bool {
        for moment in moments {
            let rest = moment + attack.duration - Laboratory.now
            if rest > .zero { usleep(UInt32(rest.nanoseconds / 1_000)) }
        }
        guard attack.isAnswered else { return true }
        return outside.waitForAcknowledgement(after: Laboratory.now, atMost: Self.comebackLimit)
    }

    /// When the first holder fell silent, if it did before it was healed.
    private func silence(
        of host: Host, _ answers: AnswerLog, _ begin: Instant, _ end: Instant
    ) -> Interval? {
        guard let other = answers.answers.first(where: { $0.host != host.name && $0.sent > begin })
        else { return nil }
        let last = answers.answers.last { $0.host == host.name && $0.received < other.received }
        return last.map { max($0.received - begin, .zero) }
    }

    private func notReady(_ what: String) -> LaboratoryError {
        .notReady(program: what, after: Self.comebackLimit, log: scene.cluster.logEnds)
    }
}
