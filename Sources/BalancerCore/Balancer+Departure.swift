// The balancer is about to give its clients' address to another one. Who asked to be told
// (`CLIENT MAINT_NOTIFICATIONS`) is told so while all still works, and comes back to the same
// address by itself; the others are reset when it goes.
extension Balancer {
    /// What departing clients are told.
    struct Departure {
        var number: Int
        /// Within half of these they reconnect.
        var seconds: Int
    }

    /// What comes to it by some addresses is another's in so many seconds: ``departs(_:into:)``
    /// says who came by them.
    public mutating func departureAnnounced(within seconds: Int) {
        guard departure == nil else { return }
        noticeNumber += 1
        departure = Departure(number: noticeNumber, seconds: seconds)
    }

    /// The client came by such an address.
    public mutating func departs(_ client: ClientID, into effects: inout EffectBuffer) {
        guard let client = living(client), clients[client].passage == .stays else { return }
        clients[client].passage = .due
        tellDeparture(client, &effects)
    }

    /// Those who were in the middle of a reply, or have asked to be told since.
    mutating func tellDepartures(_ effects: inout EffectBuffer) {
        guard departure != nil, toldCount > 0 else { return }
        for client in clients.slots where clients.isTaken(client) {
            tellDeparture(client, &effects)
        }
    }

    private mutating func tellDeparture(_ client: Int, _ effects: inout EffectBuffer) {
        guard let departure, clients[client].passage == .due, clients[client].isTold,
            mayPush(client)
        else { return }
        clients[client].passage = .told
        departingCount += 1
        // No place: it is to come back to where it came before.
        let facts = ":\(departure.number)\r\n:\(departure.seconds)\r\n"
        effects.answer(id(ofClient: client), ">4\r\n$6\r\nMOVING\r\n\(facts)_\r\n".utf8)
    }

    /// It has gone, as it was told or otherwise.
    mutating func forgetDeparture(_ client: Int) {
        if clients[client].passage == .told { departingCount -= 1 }
        clients[client].passage = .stays
    }
}
