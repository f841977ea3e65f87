import Testing

@testable import baton

@Suite("What an order means")
struct OrderPlanTests {
    private static func plan(
        _ group: String? = nil, to target: String? = nil
    ) throws -> OrderPlan {
        OrderPlan(
            report: try NodeReport(json: Array(sampleStatus.utf8)), group: group, target: target)
    }

    @Test("without words it is for the only group and the best replica")
    func simplest() throws {
        let order = try Self.plan().order(isCoordinated: true).get()
        #expect(order.words == ["SENTINEL", "FAILOVER", "orders", "COORDINATED"])
        let forced = try Self.plan().order(isCoordinated: false).get()
        #expect(forced.words == ["SENTINEL", "FAILOVER", "orders"])
    }

    @Test("a host is named as it is called, or by its address")
    func target() throws {
        for name in ["redis02", "192.168.11.124"] {
            let order = try Self.plan(to: name).order(isCoordinated: true).get()
            #expect(order.words.suffix(3) == ["TO", "192.168.11.124", "6379"])
        }
    }

    @Test("what there is not is named, with what there is")
    func obstacles() throws {
        guard case .failure(let group) = try Self.plan("carts").order(isCoordinated: true),
            case .failure(let host) = try Self.plan(to: "redis9").order(isCoordinated: true)
        else {
            Issue.record("an order for nothing")
            return
        }
        #expect(group.text.contains("'carts'") && group.text.contains("orders"))
        #expect(host.text.contains("'redis9'") && host.text.contains("redis02"))
    }

    @Test("it is done when another primary's host answers for the address, and not before")
    func outcome() throws {
        let order = try Self.plan().order(isCoordinated: true).get()
        var report = try NodeReport(json: Array(sampleStatus.utf8))
        #expect(order.outcome(report) == .over)
        report.groups[0].failoverState = "wait_promotion"
        #expect(order.outcome(report) == .underWay)
        report.groups[0].primary = "192.168.11.124:6379"
        report.groups[0].address = "released"
        for index in report.groups[0].peers.indices {
            report.groups[0].peers[index].holdsAddress = false
        }
        #expect(order.outcome(report) == .underWay)
        report.groups[0].peers[0].holdsAddress = true
        report.groups[0].peers[0].primary = "192.168.11.124:6379"
        #expect(order.outcome(report) == .moved(host: report.groups[0].peers[0].name))
        report.groups[0].address = "held"
        #expect(order.outcome(report) == .moved(host: "redis01"))
    }
}
