import MonotonicTime
import NodeCore
import RESP
import SentinelCore
import Testing

@testable import SentinelDriver

@Suite("Sentinel's field lists")
struct InstanceMapTests {
    private func names(_ map: InstanceMap) -> String {
        (map.value.pairs ?? []).compactMap(\.key.string).joined(separator: " ")
    }

    private func field(_ map: InstanceMap, _ name: String) -> String? {
        map.value.pairs?.first { $0.key.string == name }?.value.string
    }

    private let group = NodeStatus.example.groups[0]

    @Test("a primary's fields stand in Sentinel's order, num-other-sentinels at flat index 32")
    func primary() throws {
        let map = InstanceMap(primaryOf: group)
        #expect(
            names(map)
                == "name ip port runid flags link-pending-commands link-refcount last-ping-sent"
                + " last-ok-ping-reply last-ping-reply down-after-milliseconds info-refresh"
                + " role-reported role-reported-time config-epoch num-slaves num-other-sentinels"
                + " quorum failover-timeout parallel-syncs")
        var bytes: [UInt8] = []
        RESPEncoder(version: .resp2).append(map.value, to: &bytes)
        var scanner = ReplyScanner()
        guard case .value(let flat, _) = try scanner.scan(bytes.span.bytes) else { return }
        let elements = try #require(flat.elements)
        #expect(elements.count == 40)
        #expect(elements[32].string == "num-other-sentinels")
        #expect(elements[33].string == "2")
        // All values are strings, numbers too.
        #expect(elements.allSatisfy { $0.string != nil })
        #expect(field(map, "flags") == "master")
        #expect(field(map, "config-epoch") == "3")
        #expect(field(map, "last-ok-ping-reply") == "120")
        #expect(field(map, "info-refresh") == "700")
    }

    @Test("a primary that is down and being replaced says so")
    func primaryDown() {
        var group = group
        group.servers[0].isSubjectivelyDown = true
        group.servers[0].isConnected = false
        group.servers[0].silence = .milliseconds(6200)
        group.isObjectivelyDown = true
        group.failoverState = "select_slave"
        let map = InstanceMap(primaryOf: group)
        #expect(field(map, "flags") == "s_down,o_down,master,disconnected,failover_in_progress")
        #expect(field(map, "s-down-time") == "1200")
        #expect(names(map).contains("link-refcount failover-state last-ping-sent"))
        #expect(names(map).contains("last-ping-reply s-down-time o-down-time down-after"))
        #expect(field(map, "failover-state") == "select_slave")
    }

    @Test("a replica's fields stand in Sentinel's order")
    func replica() {
        let map = InstanceMap(replica: group.servers[1], of: group)
        #expect(
            names(map)
                == "name ip port runid flags link-pending-commands link-refcount last-ping-sent"
                + " last-ok-ping-reply last-ping-reply down-after-milliseconds info-refresh"
                + " role-reported role-reported-time master-link-down-time master-link-status"
                + " master-host master-port slave-priority slave-repl-offset replica-announced")
        #expect(field(map, "name") == "10.0.0.2:6379")
        #expect(field(map, "master-link-status") == "ok")
        #expect(field(map, "master-host") == "10.0.0.1")
        #expect(field(map, "slave-repl-offset") == "900")
        let unknown = InstanceMap(replica: group.servers[2], of: group)
        #expect(field(unknown, "flags") == "s_down,slave,disconnected")
        #expect(field(unknown, "master-link-status") == "err")
        #expect(field(unknown, "master-host") == "?")
    }

    @Test("another node's fields stand in Sentinel's order")
    func peer() {
        let map = InstanceMap(peer: group.peers[0], of: group)
        #expect(
            names(map)
                == "name ip port runid flags link-pending-commands link-refcount last-ping-sent"
                + " last-ok-ping-reply last-ping-reply down-after-milliseconds last-hello-message"
                + " voted-leader voted-leader-epoch")
        #expect(field(map, "name") == field(map, "runid"))
        #expect(field(InstanceMap(peer: group.peers[1], of: group), "name") == "redis03")
    }
}
