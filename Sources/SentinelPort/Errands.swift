public import Addressing
public import DropInCore
internal import RESP
internal import SentinelCore

/// What a client waits for.
enum Errand: Sendable {
    /// An order; where a later part of it was wrong, this is said in place of OK.
    case order(PortClient.ID, complaint: String?)
    case question(PortClient.ID)
    /// `SENTINEL MONITOR` of a name.
    case monitor(PortClient.ID, MonitorRequest)
    case save(PortClient.ID)
    case load(PortClient.ID)

    var client: PortClient.ID {
        switch self {
        case .order(let id, _), .question(let id), .monitor(let id, _), .save(let id),
            .load(let id):
            id
        }
    }
}

extension Port {
    mutating func ticket(for errand: Errand, _ id: PortClient.ID) -> Ticket {
        ticketCount += 1
        let ticket = Ticket(number: ticketCount)
        errands.append((ticket, errand))
        change(id) { $0.isWaiting = true }
        return ticket
    }

    /// The errand; its client may go on.
    mutating func take(_ ticket: Ticket) -> Errand? {
        guard let index = errands.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        let errand = errands.remove(at: index).errand
        change(errand.client) { $0.isWaiting = false }
        return errand
    }

    /// Who waits for the answer.
    public func client(of ticket: Ticket) -> PortClient.ID? {
        errands.first { $0.ticket == ticket }?.errand.client
    }

    /// What came of an order.
    public mutating func answer(_ outcome: OrderOutcome, to ticket: Ticket) -> [PortEffect] {
        guard case .order(let id, let complaint)? = take(ticket) else { return [] }
        switch (outcome, complaint) {
        case (.refused(.unknownMaster), _): refuse(id, OrderRefusal.unknownMaster.text)
        case (_, let complaint?): refuse(id, complaint)
        case (.done, nil): reply(id, .simple("OK"))
        case (.reset(let count), nil): reply(id, .integer(count))
        case (.refused(let refusal), nil): refuse(id, refusal.text)
        }
        return drain()
    }

    /// The answer to a question about a primary.
    public mutating func answer(_ answer: DownAnswer, to ticket: Ticket) -> [PortEffect] {
        guard case .question(let id)? = take(ticket) else { return [] }
        reply(id, answer.value)
        return drain()
    }

    /// The first address of a name; `nil`: it has none.
    public mutating func resolved(_ address: IPAddress?, to ticket: Ticket) -> [PortEffect] {
        guard case .monitor(let id, let request)? = take(ticket) else { return [] }
        if let address {
            monitor(request, at: address, id)
        } else {
            refuse(id, "ERR Invalid IP address or hostname specified")
        }
        return drain()
    }
}

extension DownAnswer {
    /// Of a primary that is not known here.
    static let unknown = DownAnswer(isDown: false, leader: nil, leaderEpoch: 0)

    var value: RESPValue {
        .array([
            .integer(isDown ? 1 : 0), .bulk(leader.map(\.description) ?? "*"),
            .integer(Int(clamping: leaderEpoch)),
        ])
    }
}

extension OrderRefusal {
    /// Redis's words.
    var text: String {
        switch self {
        case .unknownMaster: "ERR No such master with that name"
        case .duplicateName: "ERR Duplicate master name."
        case .failoverInProgress: "INPROG Failover already in progress"
        case .noGoodReplica: "NOGOODSLAVE No suitable replica to promote"
        case .primaryLacksFailover: "NOGOODPRIMARY Primary does not support FAILOVER command"
        case .notSaved: "ERR Failed to save config file. Check server logs."
        }
    }
}
