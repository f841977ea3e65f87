import SentinelCore
import Testing

@testable import DropInCore

@Suite("What a Sentinel reads of INFO")
struct InstanceReportTests {
    private func report(_ lines: String...) -> InstanceReport {
        InstanceReport(infoText: Array(lines.joined(separator: "\r\n").utf8))
    }

    @Test("a primary and its replicas, in both forms that there have been")
    func primary() {
        let id = "2222222222222222222222222222222222222222"
        let report = report(
            "# Server", "run_id:\(id)", "role:master", "connected_slaves:3",
            "slave0:ip=10.0.0.2,port=6379,state=online,offset=42,lag=0",
            "slave1:10.0.0.3,6380,online", "slave2:ip=redis04.example,port=6379,state=online",
            "slaves:ip=10.0.0.9,port=1", "slave3:ip=,port=6379", "slave4:ip=10.0.0.5,port=0",
            "master_failover_state:no-failover")
        #expect(report.role == .primary)
        #expect(report.runID == RunID(id))
        #expect(
            report.attached == [
                .init(host: "10.0.0.2", port: 6379), .init(host: "10.0.0.3", port: 6380),
                .init(host: "redis04.example", port: 6379),
            ])
        #expect(report.failoverState == "no-failover")
    }

    @Test("a replica with a link that is down")
    func replica() {
        let report = report(
            "role:slave", "master_host:redis01.example", "master_port:6379",
            "master_link_status:down", "master_link_down_since_seconds:12", "slave_priority:7",
            "slave_repl_offset:99", "replica_announced:0")
        #expect(report.role == .replica)
        #expect(report.followedHost == "redis01.example")
        #expect(report.followedPort == 6379)
        #expect(!report.isLinkUp)
        #expect(report.linkDownSeconds == 12)
        #expect(report.priority == 7)
        #expect(report.offset == 99)
        #expect(!report.isAnnounced)
    }

    @Test("nothing of what is none, whatever bytes come")
    func garbage() {
        #expect(report("role:king", "slave_priority:x", "master_port:99999").role == nil)
        #expect(report("slave_priority:x").priority == 100)
        let noise = InstanceReport(infoText: (0...255).map { UInt8($0) } + [10, 58, 10])
        #expect(noise.role == nil)
        let crowd = (0..<2000).map { "slave\($0):ip=10.0.0.1,port=\($0 + 1)" }
        let bytes = Array(crowd.joined(separator: "\n").utf8)
        #expect(InstanceReport(infoText: bytes).attached.count == 512)
    }
}
