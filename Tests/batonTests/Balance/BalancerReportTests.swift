import Testing

@testable import baton

@Suite("A balancer's report")
struct BalancerReportTests {
    static let example = BalancerReport(
        name: "lb01", endpoint: "192.168.11.121:26379",
        groups: [
            .init(
                name: "orders", primary: "192.168.11.123:6379", epoch: 4,
                places: [
                    .init(endpoint: "10.18.14.95:6379", service: "read"),
                    .init(endpoint: "0.0.0.0:7000", service: "read"),
                    .init(endpoint: "10.18.14.95:6380", service: "write"),
                    .init(endpoint: "10.18.14.95:6381", service: "auto"),
                ],
                router: .init(id: 95, state: "active", address: "10.18.14.95", priority: 200),
                clients: 12, refused: 0, pinned: 2, held: 3, requestsPerSecond: 15_302,
                medianMicroseconds: 180, worstPercentMicroseconds: 2_340,
                servers: [
                    .init(
                        endpoint: "192.168.11.123:6379", isPrimary: true, state: "serving",
                        lagMilliseconds: 0, lagBytes: 0, weight: 0, sharePercent: 0, awaited: 0),
                    .init(
                        endpoint: "192.168.11.124:6379", isPrimary: false, state: "serving",
                        lagMilliseconds: 400, lagBytes: 2_048, weight: 256, sharePercent: 100,
                        awaited: 7),
                    .init(
                        endpoint: "192.168.11.125:6379", isPrimary: false, state: "down",
                        lagMilliseconds: nil, lagBytes: nil, weight: 0, sharePercent: nil,
                        awaited: 0),
                ])
        ])

    @Test("is read as it was written")
    func roundTrip() {
        #expect(BalancerReport(json: Array(Self.example.json.utf8)) == Self.example)
        var bare = Self.example
        bare.groups[0].router = nil
        bare.groups[0].requestsPerSecond = nil
        bare.groups[0].servers = []
        bare.groups[0].isNamed = false
        #expect(BalancerReport(json: Array(bare.json.utf8)) == bare)
    }

    @Test("says which places and servers speak TLS; one of before says nothing of it")
    func secured() {
        var report = Self.example
        report.groups[0].places[1].transport = .tls
        report.groups[0].serverTransport = .tls
        #expect(BalancerReport(json: Array(report.json.utf8)) == report)
        let said =
            "\"transports\":[\"plain\",\"tls\",\"plain\",\"plain\"],\"serverTransport\":\"tls\","
        #expect(report.json.contains(said))
        let former = report.json.replacing(said, with: "")
        #expect(BalancerReport(json: Array(former.utf8)) == Self.example)
    }

    @Test("of a balancer that knew reads alone is read as one that serves reads")
    func former() throws {
        let text = Self.example.json
            .replacing("\"services\":[\"read\",\"read\",\"write\",\"auto\"],", with: "")
            .replacing("\"held\":3,", with: "")
            .replacing("\"isNamed\":true,", with: "")
        #expect(!text.contains("services") && !text.contains("held"))
        let group = try #require(BalancerReport(json: Array(text.utf8))?.groups.first)
        #expect(group.places.map(\.service) == ["read", "read", "read", "read"])
        #expect(group.places.map(\.endpoint) == Self.example.groups[0].places.map(\.endpoint))
        #expect(group.held == 0)
    }

    @Test("is told from a node's, and from what is no report at all")
    func others() {
        #expect(BalancerReport(json: Array("{\"schema\":1,\"name\":\"redis01\"}".utf8)) == nil)
        #expect(BalancerReport(json: Array("[]".utf8)) == nil)
        #expect(BalancerReport(json: []) == nil)
        let broken = Self.example.json.replacing("\"clients\":12", with: "\"clients\":\"many\"")
        #expect(BalancerReport(json: Array(broken.utf8)) == nil)
    }
}
