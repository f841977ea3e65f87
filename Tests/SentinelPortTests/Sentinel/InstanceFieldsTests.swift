import DropInCore
import MonotonicTime
import RESP
import Testing

@testable import SentinelPort

@Suite("Fields of an instance")
struct InstanceFieldsTests {
    private func names(_ instance: InstancePortrait) -> [String] {
        InstanceFields.value(instance).pairs?.compactMap(\.key.string) ?? []
    }

    @Test("of a master have Sentinel's order; some clients read them by position")
    func master() {
        var master = NodePortrait.example.groups[0].master
        #expect(
            names(master) == [
                "name", "ip", "port", "runid", "flags", "link-pending-commands", "link-refcount",
                "last-ping-sent", "last-ok-ping-reply", "last-ping-reply",
                "down-after-milliseconds", "info-refresh", "role-reported", "role-reported-time",
                "config-epoch", "num-slaves", "num-other-sentinels", "quorum", "failover-timeout",
                "parallel-syncs",
            ])
        #expect(names(master).firstIndex(of: "num-other-sentinels") == 16)
        master.failoverState = "wait_start"
        master.subjectivelyDownFor = .seconds(1)
        master.objectivelyDownFor = .zero
        #expect(names(master)[7] == "failover-state")
        #expect(
            names(master)[11...13] == ["s-down-time", "o-down-time", "down-after-milliseconds"])
    }

    @Test("of a replica and of a Sentinel end with their own")
    func others() {
        let group = NodePortrait.example.groups[0]
        #expect(
            names(group.replicas[0]).suffix(7) == [
                "master-link-down-time", "master-link-status", "master-host", "master-port",
                "slave-priority", "slave-repl-offset", "replica-announced",
            ])
        #expect(
            names(group.sentinels[0]).suffix(4) == [
                "down-after-milliseconds", "last-hello-message", "voted-leader",
                "voted-leader-epoch",
            ])
    }

    @Test("are all strings, numbers too")
    func strings() {
        let pairs = InstanceFields.value(NodePortrait.example.groups[0].master).pairs ?? []
        #expect(pairs.allSatisfy { if case .bulkString = $0.value { true } else { false } })
    }
}
