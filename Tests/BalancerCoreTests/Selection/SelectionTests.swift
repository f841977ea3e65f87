import Addressing
import MonotonicTime
import Testing

@testable import BalancerCore

@Suite("Selection")
struct SelectionTests {
    private static let start = Instant(nanoseconds: 0)

    private static func report(
        _ index: Int, _ role: ServerRole = .replica, _ condition: ServerCondition
    ) -> ServerReport {
        let endpoint = Endpoint(
            address: .v4(IPv4Address(10, 0, 0, UInt8(index))), port: 6379)
        return ServerReport(endpoint: endpoint, role: role, condition: condition)
    }

    private static func lag(seconds: Int = 0, bytes: Int = 0) -> ServerCondition {
        .serving(Lag(age: .seconds(seconds), byteCount: bytes))
    }

    /// The shares of some servers, the first of which is the primary.
    private static func weights(
        _ conditions: [ServerCondition], policy: SelectionPolicy = Self.steady
    ) -> [Int] {
        var selection = Selection(policy: policy)
        for (index, condition) in conditions.enumerated() {
            let role = index == 0 ? ServerRole.primary : .replica
            selection.set(report(index, role, condition), at: index, now: start)
        }
        selection.share(at: start)
        return conditions.indices.map(selection.weight(of:))
    }

    /// Without a slow start.
    private static var steady: SelectionPolicy {
        var policy = SelectionPolicy()
        policy.slowStart = .zero
        return policy
    }

    @Test("replicas serve; the primary does when it is a member, or none of them can")
    func primary() {
        #expect(Self.weights([Self.lag(), Self.lag(), Self.lag()]) == [0, 256, 256])
        #expect(Self.weights([Self.lag(), .unreachable, .loading]) == [256, 0, 0])
        var member = Self.steady
        member.primary = .member
        #expect(Self.weights([Self.lag(), Self.lag()], policy: member) == [256, 256])
    }

    @Test("loading, syncing, lagging and unreachable replicas rest")
    func unfit() {
        let far = Self.lag(bytes: 65 << 20)
        #expect(
            Self.weights([
                Self.lag(), .loading, .syncing, Self.lag(seconds: 11), far, .unreachable,
                Self.lag(seconds: 1),
            ]) == [0, 0, 0, 0, 0, 0, 256])
    }

    @Test("when nothing is fit, the best of the rest serves")
    func lastResort() {
        #expect(
            Self.weights([.unreachable, Self.lag(seconds: 60), Self.lag(seconds: 30)])
                == [0, 0, 256])
        #expect(Self.weights([.unreachable, .loading]) == [0, 256])
        #expect(Self.weights([.unreachable]) == [256])
        var two = Self.steady
        two.servingCountMin = 2
        #expect(
            Self.weights([Self.lag(), Self.lag(), Self.lag(seconds: 60)], policy: two)
                == [256, 256, 0])
    }

    @Test("one that fell behind is readmitted well within the limit, not at it")
    func hysteresis() {
        var selection = Selection(policy: Self.steady)
        selection.set(Self.report(1, .replica, Self.lag()), at: 1, now: Self.start)
        func weight(_ condition: ServerCondition) -> Int {
            selection.set(Self.report(0, .replica, condition), at: 0, now: Self.start)
            selection.share(at: Self.start)
            return selection.weight(of: 0)
        }
        #expect(weight(Self.lag(seconds: 4)) == 256)
        #expect(weight(Self.lag(seconds: 10)) == 256)
        #expect(weight(Self.lag(seconds: 11)) == 0)
        #expect(weight(Self.lag(seconds: 9)) == 0)
        #expect(weight(Self.lag(seconds: 5)) == 256)
    }

    @Test("in a failover, replicas without a primary go on serving, for a while")
    func failover() {
        var selection = Selection(policy: Self.steady)
        for index in 0...1 {
            selection.set(Self.report(index, .replica, Self.lag()), at: index, now: Self.start)
            selection.set(
                Self.report(index, .replica, .detached(for: .seconds(index == 0 ? 59 : 61))),
                at: index, now: Self.start)
        }
        selection.share(at: Self.start)
        #expect(selection.weight(of: 0) == 256)
        #expect(selection.weight(of: 1) == 0)
        #expect(selection.isUp(1))
    }

    @Test("a server that begins to serve gets its full share only in time")
    func slowStart() {
        var selection = Selection(policy: SelectionPolicy())
        selection.set(Self.report(0, .replica, Self.lag()), at: 0, now: Self.start)
        func weight(after seconds: Int) -> Int {
            selection.share(at: Self.start + .seconds(seconds))
            return selection.weight(of: 0)
        }
        #expect(weight(after: 0) == 16)
        #expect(weight(after: 5) == 136)
        #expect(weight(after: 10) == 256)
    }

    @Test("a server that is reported no more has no share")
    func gone() {
        var selection = Selection(policy: Self.steady)
        selection.set(Self.report(0, .replica, Self.lag()), at: 0, now: Self.start)
        selection.set(nil, at: 0, now: Self.start)
        selection.share(at: Self.start)
        #expect(selection.weight(of: 0) == 0)
        #expect(!selection.isUp(0))
    }
}
