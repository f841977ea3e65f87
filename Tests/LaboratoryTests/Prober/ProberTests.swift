import Glibc
import MonotonicTime
import Testing

@testable import Laboratory

@Suite("Asking every host for an address", .needsRoot, .timeLimit(.minutes(1)), .serialized)
struct ProberTests {
    private func change(_ verb: String, on host: Host) throws {
        let words = ["address", verb, "\(Plan.writeAddress)/32", "dev", "ens34"]
        #expect(try host.execute("ip", words).ending == .exited(0))
    }

    /// Without this, a prober that sees nothing would prove every attack harmless.
    @Test("the control run: two hosts that are made to hold the address are seen, for as long")
    func control() throws {
        let outcome = try ControlRun.run(for: .milliseconds(500))
        #expect(outcome.twoHolders > .milliseconds(400))
        #expect(outcome.twoHolders < .milliseconds(900))
        for host in ["redis01", "redis02"] {
            for kind in [AnswerLog.Kind.arpReply, .synAck] {
                #expect(
                    outcome.log.answers.contains { $0.host == host && $0.kind == kind },
                    "\(host): no \(kind)")
            }
        }
        #expect(!outcome.log.answers.contains { $0.host == "redis03" })
    }

    @Test("two hosts of which each lets go before the other takes are no two holders")
    func handOver() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let hosts = ["redis01", "redis02", "redis03"].map(laboratory.host)
        let prober = try Prober(hosts, in: laboratory)
        for host in [hosts[0], hosts[1], hosts[0]] {
            let begin = Laboratory.now
            try change("add", on: host)
            #expect(
                prober.waitForAnswer(of: [host.name], since: begin, atMost: .seconds(2)) != nil)
            usleep(150_000)
            try change("del", on: host)
        }
        let log = prober.stop()
        #expect(log.twoHolders == .zero, "\(log.overlaps)")
        #expect(log.answers.contains { $0.host == "redis02" })
    }

    @Test("a host that is cut off in silence is still heard, one whose cable is out is not")
    func cutOff() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let host = laboratory.host("redis01")
        try change("add", on: host)
        let prober = try Prober([host], in: laboratory)
        func isHeard(since moment: Instant) -> Bool {
            prober.waitForAnswer(of: [host.name], since: moment, atMost: .milliseconds(300)) != nil
        }
        try laboratory.isolate(host, by: .silence)
        #expect(isHeard(since: Laboratory.now))
        try laboratory.heal(host)
        try laboratory.isolate(host, by: .carrierLoss)
        #expect(!isHeard(since: Laboratory.now))
        try laboratory.heal(host)
        #expect(isHeard(since: Laboratory.now))
    }
}
