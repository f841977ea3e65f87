import Addressing
import BalancerCore
import MonotonicTime
import ObserverCore
import Testing

@testable import baton

@Suite("What a balancer is told of a server")
struct BalancerPartTests {
    private static let endpoint = Endpoint(address: .v4(IPv4Address(10, 0, 0, 2)), port: 6379)

    private func report(
        _ state: ServerView.State, isPrimary: Bool = false, lag: Interval? = .milliseconds(300)
    ) -> BalancerCore.ServerReport? {
        BalancerCore.ServerReport(
            ServerView(
                endpoint: Self.endpoint, state: state, isPrimary: isPrimary, lagBytes: 77, lag: lag)
        )
    }

    @Test("is its role, its condition and its distance")
    func conditions() {
        #expect(report(.down)?.condition == .unreachable)
        #expect(report(.loading)?.condition == .loading)
        #expect(report(.syncing)?.condition == .syncing)
        #expect(report(.detached)?.condition == .detached(for: .milliseconds(300)))
        #expect(
            report(.serving)?.condition
                == .serving(Lag(age: .milliseconds(300), byteCount: 77)))
        #expect(report(.serving, lag: nil)?.condition == .serving(Lag(age: .zero, byteCount: 77)))
        #expect(report(.serving)?.role == .replica)
        #expect(report(.serving, isPrimary: true)?.role == .primary)
    }

    @Test("is nothing where its data is not the group's")
    func stray() {
        #expect(report(.stray) == nil)
        #expect(report(.stray, isPrimary: true) == nil)
    }

    @Test("says whether it can be read from")
    func readable() {
        let readable = ServerView.State.allCases.filter { report($0)?.isReadable == true }
        #expect(readable == [.detached, .serving])
    }
}
