internal import Addressing
internal import BalancerCore

// Some addresses are about to be another host's.
extension Reactor {
    /// Tells the core who came by them.
    mutating func depart(from addresses: [IPAddress], within seconds: Int) {
        departing = addresses
        balancer.departureAnnounced(within: seconds)
        for slot in clients.indices where clients[slot].state == .open { noteDeparture(slot) }
    }

    /// A listener may serve several addresses: what counts is the one that the client came by.
    mutating func noteDeparture(_ slot: Int) {
        guard !departing.isEmpty,
            let address = SocketCalls.ownAddress(of: clients[slot].descriptor),
            departing.contains(address)
        else { return }
        balancer.departs(clientID(slot), into: &effects)
    }

    /// With a place of every address the others lose a second too; Baton ends there anyway.
    func ignoreNewcomers(at addresses: [IPAddress]) {
        for socket in listeners where socket.descriptor >= 0 {
            let address = socket.listener.endpoint.address
            guard address.isUnspecified || addresses.contains(address) else { continue }
            SocketCalls.ignoreNewcomers(socket.descriptor)
        }
    }
}
