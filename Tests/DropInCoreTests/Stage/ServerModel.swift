import Addressing
import MonotonicTime
import SentinelCore

@testable import DropInCore

/// A Redis server, as far as a Sentinel can tell.
struct ServerModel {
    let number: Int
    var runID: RunID
    /// `nil`: it is a primary.
    var following: Int?
    var isRunning = true
    /// Stopped by SIGSTOP: connections are accepted, nothing is answered.
    var isHung = false
    var isLoading = false
    /// What it answers to `PING`, when not as it should.
    var isRefusingPings = false
    var isBusy = false
    /// It has the command `FAILOVER`.
    var knowsFailover = true
    /// It obeys nobody.
    var ignoresOrders = false
    var priority = 100
    var offset: UInt64 = 1000
    /// It never gets the data of whom it follows.
    var neverSyncs = false
    var isSynced = true

    init(number: Int, runID: RunID, following: Int?) {
        self.number = number
        self.runID = runID
        self.following = following
    }
}

extension Stage {
    func kill(_ server: Int) {
        servers[server - 1].isRunning = false
        closeConnections(to: Self.server(server), sparing: nil)
    }

    /// It comes back in the role that its own file says.
    func revive(_ server: Int) {
        guard !servers[server - 1].isRunning else { return }
        servers[server - 1].isRunning = true
        servers[server - 1].runID = identity()
    }

    func report(_ number: Int) -> InstanceReport {
        let server = servers[number - 1]
        var report = InstanceReport(text: "# Server\r\nrun_id:\(server.runID)\r\n")
        report.runID = server.runID
        report.priority = server.priority
        report.offset = server.offset
        report.failoverState = server.knowsFailover ? "no-failover" : nil
        if let followed = server.following {
            report.role = .replica
            report.followedHost = "\(Self.server(followed).address)"
            report.followedPort = 6379
            report.isLinkUp =
                servers[followed - 1].isRunning && server.isSynced
                && servers[followed - 1].following == nil
            report.linkDownSeconds = report.isLinkUp ? nil : 1
        } else {
            report.role = .primary
            for replica in servers where replica.isRunning && replica.following == number {
                report.attached.append(
                    .init(host: "\(Self.server(replica.number).address)", port: 6379))
            }
        }
        return report
    }

    func serve(
        _ request: DropInRequest, _ names: [MasterSettings.RenamedCommand], by number: Int,
        _ key: ConnectionKey
    ) {
        let server = servers[number - 1]
        guard !server.isHung else { return }
        sent.append((key.node, number, request))
        let isRenamed = !names.isEmpty
        switch request {
        case .ping:
            if server.isBusy {
                reply(.pongRefused(isBusy: true), to: key)
            } else if server.isRefusingPings || isRenamed {
                reply(.pongRefused(isBusy: false), to: key)
            } else {
                reply(server.isLoading ? .alive : .pong, to: key)
            }
        case .info: reply(.report(report(number)), to: key)
        case .publish(let text):
            publish(text, on: number)
            reply(.noted(count: 1), to: key)
        case .promote: change(number, to: nil, key)
        case .follow(let host, _):
            let other = servers.indices.first { "\(Self.server($0 + 1).address)" == host }
            change(number, to: (other ?? number - 1) + 1, key)
        case .killScript:
            servers[number - 1].isBusy = false
            reply(.noted(count: 1), to: key)
        case .handOver(let host, _, _):
            reply(.noted(count: 4), to: key)
            let other = servers.indices.first { "\(Self.server($0 + 1).address)" == host }
            guard let other, !server.ignoresOrders else { return }
            after(.milliseconds(5)) { [self] in
                servers[other].following = nil
                servers[number - 1].following = other + 1
            }
        case .askDown, .finishHandover, .abortHandover:
            reply(.noted(count: request.replyCount), to: key)
        }
    }

    private func publish(_ text: String, on number: Int) {
        let endpoint = Self.server(number)
        let keys = connections.filter { $0.value.target.endpoint == endpoint && $0.value.isOpen }
            .keys.sorted()
        for key in keys {
            guard case .subscription = connections[key]?.target else { continue }
            after(delay) { [self] in
                guard connections[key] != nil, nodes[key.node - 1].life == key.life,
                    !cuts.contains(Pair(node: key.node, other: endpoint.address))
                else { return }
                deliver(.heard(LinkID(number: key.link), text), to: key.node)
            }
        }
    }

    private func change(_ number: Int, to followed: Int?, _ key: ConnectionKey) {
        defer { reply(.noted(count: 6), to: key) }
        guard !servers[number - 1].ignoresOrders else { return }
        servers[number - 1].following = followed
        servers[number - 1].isSynced = followed == nil
        closeConnections(to: Self.server(number), sparing: key)
        guard let followed, !servers[number - 1].neverSyncs else { return }
        after(.milliseconds(20)) { [self] in
            guard servers[number - 1].following == followed else { return }
            servers[number - 1].isSynced = true
            servers[number - 1].offset = servers[followed - 1].offset
        }
    }
}
