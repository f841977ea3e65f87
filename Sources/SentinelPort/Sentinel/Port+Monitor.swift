internal import Addressing
internal import DropInCore
internal import RESP
internal import SentinelCore

/// What `SENTINEL MONITOR` was told.
struct MonitorRequest: Equatable, Sendable {
    var name: String
    var host: String
    var port: UInt16
    var quorum: Int
}

extension Port {
    /// `SENTINEL MONITOR name host port quorum`
    mutating func monitor(_ request: Request, _ id: PortClient.ID, _ portrait: NodePortrait) {
        if let index = request.firstControlCharacter(from: 2) {
            return refuse(id, Self.controlCharacter(at: index, "MONITOR"))
        }
        guard let quorum = request.integer(5) else { return refuse(id, "ERR Invalid quorum") }
        guard let port = request.integer(4) else { return refuse(id, "ERR Invalid port") }
        guard quorum > 0 else { return refuse(id, "ERR Quorum must be 1 or greater.") }
        let host = request.words[3]
        let address = IPAddress(host)
        guard address != nil || portrait.globals.resolvesHostnames else {
            return refuse(id, "ERR Invalid IP address or hostname specified")
        }
        guard (1...65535).contains(port) else { return refuse(id, "ERR Invalid port number.") }
        let asked = MonitorRequest(
            name: request.words[2], host: host, port: UInt16(port),
            quorum: min(quorum, Int(Int32.max)))
        guard let address else {
            effects.append(.resolve(host, ticket(for: .monitor(id, asked), id)))
            return
        }
        monitor(asked, at: address, id)
    }

    mutating func monitor(
        _ asked: MonitorRequest, at address: IPAddress, _ id: PortClient.ID
    ) {
        order(
            .monitor(
                name: asked.name, Place(host: asked.host, address: address, port: asked.port),
                quorum: asked.quorum), id)
    }

    /// `SENTINEL IS-MASTER-DOWN-BY-ADDR host port epoch candidate`
    mutating func askWhetherDown(
        _ request: Request, _ id: PortClient.ID, _ portrait: NodePortrait
    ) {
        guard let port = request.integer(3), let epoch = request.integer(4) else {
            return refuse(id, Self.noInteger)
        }
        // A candidate that is no identity is none: Redis would vote for any word.
        let candidate = request.words[5] == "*" ? nil : RunID(request.words[5])
        if epoch < 0, candidate != nil { return refuse(id, Self.noInteger) }
        let host = request.words[2]
        let address = IPAddress(host)
        guard (1...65535).contains(port), address != nil || portrait.globals.resolvesHostnames
        else { return reply(id, DownAnswer.unknown.value) }
        let question = DownQuestion(
            primary: Place(host: host, address: address, port: UInt16(port)),
            currentEpoch: Epoch(max(0, epoch)), candidate: candidate)
        effects.append(.ask(question, ticket(for: .question(id), id)))
    }
}
