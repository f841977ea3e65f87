import Addressing
import BalancerCore
import Configuration
import MonotonicTime
import ObserverCore
import SentinelCore
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

    @Test("sends writes through the write address, and where there is none to the primary")
    func writePlace() throws {
        let configuration = try WhereaboutsTests.configuration("baton listen auto carts *:7001")
        let life = RunID(high: 0xAB, middle: 0xCD, low: 0xEF)
        let primary = ServerView(
            endpoint: Self.endpoint, state: .serving, isPrimary: true, lagBytes: 0, lag: .zero,
            runID: life)
        let replica = ServerView(
            endpoint: Endpoint(address: .v4(IPv4Address(10, 0, 0, 3)), port: 6379),
            state: .serving, isPrimary: false, lagBytes: 0, lag: .zero,
            runID: RunID(high: 1, middle: 1, low: 1))
        var view = GroupView(primary: Self.endpoint, epoch: 7, servers: [replica, primary])
        let address = try #require(IPAddress("10.18.14.94"))
        #expect(
            WritePlace(view, configuration.groups[0])
                == WritePlace(
                    endpoint: Endpoint(address: address, port: 6379),
                    runID: Array("00000000000000ab00000000000000cd000000ef".utf8), epoch: 7))
        #expect(WritePlace(view, configuration.groups[1])?.endpoint == Self.endpoint)
        // Which life of it takes writes is not known yet.
        view.servers[1].runID = nil
        #expect(WritePlace(view, configuration.groups[1])?.runID == nil)
    }

    @Test("writes nowhere without a write address until a node has said who the primary is")
    func unheard() throws {
        let configuration = try WhereaboutsTests.configuration("baton listen auto carts *:7001")
        let guess = ServerView(
            endpoint: Self.endpoint, state: .serving, isPrimary: true, lagBytes: 0, lag: .zero,
            runID: RunID(high: 1, middle: 1, low: 1))
        let view = GroupView(primary: Self.endpoint, epoch: 0, isNamed: false, servers: [guess])
        #expect(WritePlace(view, configuration.groups[1]) == nil)
        // What leads there by a lease is safe, whoever it leads to.
        let place = try #require(WritePlace(view, configuration.groups[0]))
        #expect(place.endpoint.address == IPAddress("10.18.14.94") && place.runID == nil)
        #expect(BalancerCore.ServerReport(guess)?.isReadable == true)
    }

    @Test("says whether it can be read from")
    func readable() {
        let readable = ServerView.State.allCases.filter { report($0)?.isReadable == true }
        #expect(readable == [.detached, .serving])
    }
}
