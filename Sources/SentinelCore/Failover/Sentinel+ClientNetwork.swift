package import Addressing
package import MonotonicTime

/// Sentinel sees one network, clients use another: a primary that works and that nobody can reach
/// is of no use.
extension Sentinel {
    /// What this host can tell of the clients' network; the others are told at once.
    package mutating func clientNetworkChanged(
        _ group: Int, own: IPAddress?, isReached: Bool, _ effects: inout [Effect]
    ) {
        groups[group].tenure.clientAddress = own
        groups[group].tenure.reachesClients = isReached
        for peer in peers.indices { greet(peer, group) }
        flushOutbox(&effects)
    }

    /// This host has heard the present holder, another one, answer for the address; the others are
    /// told at once.
    package mutating func addressSeen(
        _ group: Int, after: Interval, _ effects: inout [Effect]
    ) {
        groups[group].tenure.addressSeenAfter = after
        recordSeen(group, by: settings.name, after: after, &effects)
        for peer in peers.indices { greet(peer, group) }
        flushOutbox(&effects)
    }

    /// The others' addresses on the clients' network, as far as they have told them.
    package func clientNeighbours(_ group: Int) -> [IPAddress] {
        var addresses: [IPAddress] = []
        for peer in peers.indices {
            if let address = groups[group].views[peer].greeting?.clientAddress {
                addresses.append(address)
            }
        }
        return addresses
    }

    /// Enough of the others reach the clients to make a majority with this host, which does not: it
    /// is this host's trouble, not everybody's.
    package func othersReachClients(_ group: Int) -> Bool {
        var reaching = PeerSet()
        for peer in peers.indices
        where isInContact(peer, group)
            && groups[group].views[peer].greeting?.reachesClients == true
        {
            reaching.insert(peer)
        }
        return reaching.count > 0 && electorate.voices(reaching) >= electorate.majority
    }

    /// Hands the address over to a host that the clients reach: without loss where the server can
    /// pause its writes. False when it can't be done now.
    package mutating func moveToClients(
        _ group: Int, isCoordinated: Bool, _ effects: inout [Effect]
    ) -> Bool {
        guard !isPaused(group) else { return false }
        var order = FailoverOrder(isCoordinated: isCoordinated)
        if objection(to: order, group) != nil { order.isCoordinated = false }
        guard objection(to: order, group) == nil, let best = candidates(group).first,
            reachesClients(group, best)
        else { return false }
        announce(
            .alarm, .none,
            "No host is heard on the network of the write address of \(groups[group].name), and "
                + "other hosts are well there: handing the address over. See this host's interface "
                + "and its cable.", &effects)
        beginRecord(group, .clientNetwork)
        askPreVotes(group, isForced: true, &effects)
        groups[group].order = order
        review(group, &effects)
        flushOutbox(&effects)
        return true
    }
}
