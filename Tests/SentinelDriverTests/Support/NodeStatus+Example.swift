import Addressing
import LeaseCore
import MonotonicTime
import NodeCore
import SentinelCore

@testable import SentinelDriver

extension NodeStatus {
    /// A group of three servers and three nodes, of which one each is down.
    static var example: NodeStatus {
        let endpoints = (1...3).map {
            Endpoint(address: .v4(IPv4Address(10, 0, 0, $0)), port: 6379)
        }
        var primary = ServerReport(role: .primary)
        primary.runID = RunID(high: 1, middle: 1, low: 1)
        primary.offset = 1000
        primary.version = "7.0.15"
        primary.attached = [.init(endpoint: endpoints[1], offset: 900)]
        var replica = ServerReport(role: .replica(of: endpoints[0]))
        replica.runID = RunID(high: 2, middle: 2, low: 2)
        replica.offset = 900
        var settings = Settings.Group(name: "orders", primary: endpoints[0], quorum: 2)
        settings.downAfter = .milliseconds(5000)
        let servers = [
            server(endpoints[0], isPrimary: true, primary),
            server(endpoints[1], isPrimary: false, replica),
            NodeStatus.Server(
                endpoint: endpoints[2], isPrimary: false, isLocal: false, isConnected: false,
                isSubjectivelyDown: true, silence: .milliseconds(9000), reportAge: nil,
                report: nil, lagBytes: nil),
        ]
        let peers = [
            peer("redis02", endpoints[1], RunID(high: 22, middle: 0, low: 0), isDown: false),
            peer("redis03", endpoints[2], nil, isDown: true),
        ]
        return NodeStatus(
            name: "redis01", id: RunID(high: 11, middle: 0, low: 0),
            endpoint: Endpoint(address: endpoints[0].address, port: 26379), currentEpoch: 7,
            mayVote: true,
            groups: [
                Group(
                    settings: settings, primary: endpoints[0], configEpoch: 3,
                    isObjectivelyDown: false, failoverState: "none", servers: servers,
                    peers: peers, address: .held, terms: LeaseTerms(), isConfirmed: true)
            ])
    }

    private static func server(
        _ endpoint: Endpoint, isPrimary: Bool, _ report: ServerReport
    ) -> NodeStatus.Server {
        NodeStatus.Server(
            endpoint: endpoint, isPrimary: isPrimary, isLocal: isPrimary, isConnected: true,
            isSubjectivelyDown: false, silence: .milliseconds(120), reportAge: .milliseconds(700),
            report: report, lagBytes: isPrimary ? nil : 100)
    }

    private static func peer(
        _ name: String, _ host: Endpoint, _ id: RunID?, isDown: Bool
    ) -> NodeStatus.Peer {
        NodeStatus.Peer(
            name: name, endpoint: Endpoint(address: host.address, port: 26379), id: id,
            isConnected: !isDown, isSubjectivelyDown: isDown, silence: .milliseconds(250),
            primary: isDown ? nil : Endpoint(address: .v4(IPv4Address(10, 0, 0, 1)), port: 6379),
            configEpoch: isDown ? 0 : 3, holdsAddress: false)
    }
}
