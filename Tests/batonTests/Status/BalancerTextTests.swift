import Testing

@testable import baton

@Suite("A balancer's status")
struct BalancerTextTests {
    private func lines(_ report: BalancerReport, widthMax: Int? = 80) -> [String] {
        BalancerText(report: report, widthMax: widthMax).lines().map(\.text)
    }

    @Test("says what is served where, who has the address, and each server's share")
    func whole() {
        #expect(
            lines(BalancerReportTests.example, widthMax: nil) == [
                "as seen by lb01 at 192.168.11.121:26379, a balancer",
                "",
                "orders  reads at 10.18.14.95:6379, 0.0.0.0:7000",
                "        writes at 10.18.14.95:6380",
                "        reads and writes at 10.18.14.95:6381",
                "        read address 10.18.14.95 held here, router 95, priority 200",
                "        12 clients, 15302 requests a second, half within 180 µs, 99 of 100 within "
                    + "2.3 ms, 2 with a connection of their own, 3 held",
                "",
                "  SERVER               ROLE     STATE      LAG   BEHIND  SHARE  OWED",
                "  192.168.11.123:6379  primary  serving  0.0 s      0 B  rests     0",
                "  192.168.11.124:6379  replica  serving  0.4 s  2.0 KiB  100 %     7",
                "  192.168.11.125:6379  replica  down         ?        ?  rests     0",
            ])
    }

    @Test("marks the places where clients must speak TLS, and servers that do")
    func secured() {
        var report = BalancerReportTests.example
        report.groups[0].places[1].transport = .tls
        report.groups[0].serverTransport = .tls
        let text = lines(report, widthMax: nil)
        #expect(text[2] == "orders  reads at 10.18.14.95:6379, 0.0.0.0:7000 (TLS)")
        #expect(text[3] == "        writes at 10.18.14.95:6380")
        #expect(text[6] == "        TLS to the servers")
    }

    @Test("fits the width that there is", arguments: [40, 60, 80])
    func width(columns: Int) {
        for line in BalancerText(report: BalancerReportTests.example, widthMax: columns).lines() {
            #expect(line.width <= columns)
        }
    }

    @Test("is loud when no server can serve")
    func nobody() {
        var report = BalancerReportTests.example
        for index in 0..<3 { report.groups[0].servers[index].state = "down" }
        report.groups[0].router?.state = "backup"
        let text = lines(report).joined(separator: "\n")
        #expect(text.contains("NO SERVER CAN SERVE READS"))
        #expect(text.contains("held by another balancer"))
    }

    @Test("says that no node was heard")
    func unheard() {
        var report = BalancerReportTests.example
        #expect(!lines(report).joined().contains("no node has said"))
        report.groups[0].isNamed = false
        #expect(lines(report).contains("        no node has said yet who the primary is"))
    }

    @Test("is loud about what it serves, and silent about what it does not")
    func loudness() {
        var report = BalancerReportTests.example
        report.groups[0].servers[0].state = "down"
        var text = lines(report).joined(separator: "\n")
        #expect(text.contains("NO SERVER TAKES WRITES") && !text.contains("CAN SERVE READS"))
        report.groups[0].places = [.init(endpoint: "10.18.14.95:6379", service: "read")]
        text = lines(report).joined(separator: "\n")
        #expect(!text.contains("TAKES WRITES") && !text.contains("writes at"))
        for index in 0..<3 { report.groups[0].servers[index].state = "down" }
        report.groups[0].places = [.init(endpoint: "0.0.0.0:6380", service: "write")]
        text = lines(report).joined(separator: "\n")
        #expect(text.contains("orders  writes at 0.0.0.0:6380"))
        #expect(text.contains("NO SERVER TAKES WRITES") && !text.contains("CAN SERVE READS"))
    }

    @Test("counts a client and several, and those that were turned away")
    func clients() {
        var report = BalancerReportTests.example
        report.groups[0].clients = 1
        report.groups[0].refused = 3
        let text = lines(report, widthMax: nil).joined(separator: "\n")
        #expect(text.contains("1 client,") && text.contains("3 turned away"))
    }
}
