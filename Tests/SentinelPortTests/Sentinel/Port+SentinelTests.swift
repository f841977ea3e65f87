import DropInCore
import MonotonicTime
import RESP
import Testing

@testable import SentinelPort

@Suite("SENTINEL")
struct PortSentinelTests {
    @Test(
        "answers as Redis's does",
        arguments: [
            ("SENTINEL GET-MASTER-ADDR-BY-NAME orders", "[10.0.0.2 6380]"),
            ("SENTINEL GET-PRIMARY-ADDR-BY-NAME orders", "[10.0.0.2 6380]"),
            ("SENTINEL GET-MASTER-ADDR-BY-NAME x", "null"),
            ("SENTINEL MASTER x", "-ERR No such master with that name"),
            (
                "SENTINEL CKQUORUM orders",
                "OK 2 usable Sentinels. Quorum and failover authorization"
                    + " can be reached"
            ),
            ("SENTINEL INFO-CACHE x", "[]"), ("SENTINEL PENDING-SCRIPTS", "[]"),
            ("SENTINEL INFO-CACHE orders orders", "[orders [[:7 # Server] [:0 null]]]"),
            ("SENTINEL SIMULATE-FAILURE help", "[crash-after-election crash-after-promotion]"),
            (
                "SENTINEL DEBUG x y",
                "-ERR Unknown option or number of arguments for SENTINEL DEBUG"
                    + " 'x'"
            ),
            (
                "SENTINEL DEBUG ping-period 0",
                "-ERR Invalid argument '0' for SENTINEL DEBUG"
                    + " 'ping-period'"
            ),
            ("SENTINEL FAILOVER orders x", "-ERR Unknown failover option specified"),
            ("SENTINEL MYID", "00000000000000070000000000000008" + "00000009"),
        ])
    func answers(_ request: String, _ expected: String) {
        var counter = Counter()
        #expect(counter.text(request) == expected)
    }

    @Test("says which quorum fails, each sentence where it applies")
    func quorum() {
        var counter = Counter()
        counter.sayings.said.groups[0].usableSentinelCount = 1
        #expect(
            counter.text("SENTINEL CKQUORUM orders")
                == "-NOQUORUM 1 usable Sentinels. Not enough available Sentinels to reach the"
                + " specified quorum for this master. Not enough available Sentinels to reach the"
                + " majority and authorize a failover")
    }

    @Test("shows replicas but those that hide, and counts these")
    func replicas() {
        var counter = Counter()
        #expect(counter.ask("SENTINEL REPLICAS orders")[0].elements?.count == 1)
        #expect(counter.ask("SENTINEL SLAVES orders")[0].elements?.count == 1)
        let master = counter.ask("SENTINEL PRIMARY orders")[0].pairs ?? []
        #expect(master.first { $0.key == .bulk("num-slaves") }?.value == .bulk("2"))
    }

    @Test(
        "hands orders on",
        arguments: [
            ("SENTINEL REMOVE orders", Order.remove("orders")),
            ("SENTINEL RESET o*", .reset(pattern: "o*")), ("SENTINEL FLUSHCONFIG", .flush),
            ("SENTINEL FAILOVER orders", .failover("orders", isCoordinated: false)),
            ("SENTINEL FAILOVER orders coordinated", .failover("orders", isCoordinated: true)),
            (
                "SENTINEL DEBUG PING-PERIOD 100",
                .setPeriods([Order.PeriodChange(period: .ping, interval: .milliseconds(100))])
            ),
            (
                "SENTINEL SIMULATE-FAILURE crash-after-promotion",
                .simulateFailure(.crashAfterPromotion)
            ),
        ])
    func orders(_ request: String, _ expected: Order) {
        var counter = Counter()
        #expect(counter.ask(request).isEmpty)
        #expect(counter.order?.order == expected)
    }

    @Test(
        "has words for every refusal",
        arguments: [
            (OrderOutcome.reset(count: 2), ":2"), (.done, "OK"),
            (.refused(.unknownMaster), "-ERR No such master with that name"),
            (.refused(.failoverInProgress), "-INPROG Failover already in progress"),
            (.refused(.noGoodReplica), "-NOGOODSLAVE No suitable replica to promote"),
            (
                .refused(.primaryLacksFailover),
                "-NOGOODPRIMARY Primary does not support FAILOVER command"
            ),
            (.refused(.notSaved), "-ERR Failed to save config file. Check server logs."),
            (.refused(.duplicateName), "-ERR Duplicate master name."),
        ])
    func outcomes(_ outcome: OrderOutcome, _ expected: String) {
        var counter = Counter()
        counter.ask("SENTINEL FLUSHCONFIG")
        #expect(counter.answer(outcome) == [expected])
    }

    @Test("clears the simulation even when a word of it is unknown, as Redis does")
    func simulation() {
        var counter = Counter()
        counter.ask("SENTINEL SIMULATE-FAILURE crash-after-election x")
        #expect(counter.order?.order == .simulateFailure(.crashAfterElection))
        #expect(counter.answer(.done) == ["-ERR Unknown failure simulation specified"])
    }

    @Test("lists the periods in upper case, the first of INFO")
    func periods() {
        var counter = Counter()
        let pairs = counter.ask("SENTINEL DEBUG")[0].pairs ?? []
        #expect(pairs.count == 13)
        #expect(pairs.first == RESPPair(.bulk("INFO-PERIOD"), .bulk("10000")))
        #expect(pairs.last == RESPPair(.bulk("SCRIPT-RETRY-DELAY"), .bulk("30000")))
    }

    @Test("lists scripts that run and that wait")
    func scripts() {
        var counter = Counter()
        counter.sayings.scripts = [
            PendingScript(
                words: ["/bin/x", "a"], state: .running(processID: 5, since: .milliseconds(9)),
                tryCount: 1),
            PendingScript(words: ["/bin/y"], state: .scheduled(after: .zero), tryCount: 0),
        ]
        #expect(
            counter.ask("SENTINEL PENDING-SCRIPTS")[0].elements?.map { $0.pairs?.map(\.key) } == [
                ["argv", "flags", "pid", "run-time", "retry-num"].map { .bulk($0) },
                ["argv", "flags", "pid", "run-delay", "retry-num"].map { .bulk($0) },
            ])
    }
}
