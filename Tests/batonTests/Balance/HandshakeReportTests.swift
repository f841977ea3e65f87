import BalancerDriver
import MonotonicTime
import Testing
import TransportSecurity

@testable import baton

@Suite("What is said of handshakes that failed")
struct HandshakeReportTests {
    private static let start = Instant(nanoseconds: 1_000_000_000)

    @Test("the first is said at once, the next ones together, once a minute")
    func sparse() {
        var report = HandshakeReport()
        var failures = HandshakeFailures()
        #expect(report.sentence(failures, at: Self.start) == nil)
        failures.clientCount = 1
        failures.lastOfClients = .library("it does not speak TLS")
        #expect(
            report.sentence(failures, at: Self.start)
                == "no TLS came about with a client: it does not speak TLS")
        failures.clientCount = 1001
        #expect(report.sentence(failures, at: Self.start + .seconds(59)) == nil)
        failures.serverCount = 2
        failures.lastOfServers = .library("it refuses our certificate")
        #expect(
            report.sentence(failures, at: Self.start + .seconds(60))
                == "no TLS came about with 1000 clients: it does not speak TLS; and with a server, "
                + "2x: it refuses our certificate")
        #expect(report.sentence(failures, at: Self.start + .seconds(999)) == nil)
    }
}
