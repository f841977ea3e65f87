import Addressing
import MonotonicTime
import SentinelCore

/// Gossip: who the other Sentinels are, and which configuration is the newest.
extension DropIn {
    // MARK: Said

    /// Publishes a hello through a server.
    mutating func greet(server: Int, of group: Int) {
        if publish(on: groups[group].servers[server].connection, group) {
            groups[group].servers[server].lastHello = now
        }
    }

    /// Publishes a hello to another Sentinel.
    mutating func greet(peer: Int, of group: Int) {
        if publish(on: groups[group].peers[peer].connection, group) {
            groups[group].peers[peer].lastHello = now
        }
    }

    /// News: through every server and to every Sentinel, at once.
    mutating func greetEverybody(_ group: Int) {
        for server in groups[group].servers.indices { greet(server: server, of: group) }
        for peer in groups[group].peers.indices { greet(peer: peer, of: group) }
    }

    /// The connection stands: hellos may be sent on it from now on.
    mutating func greetAll(on connection: Int) {
        switch connections[connection].owner {
        case .server:
            if let (group, server) = server(of: connection) { greet(server: server, of: group) }
        case .sentinel(let id):
            // Each group says its own at its next look: together they would be too many.
            for group in groups.indices where connections[connection].referenceCount == 1 {
                if let peer = peer(id, of: group) { greet(peer: peer, of: group) }
            }
        }
    }

    private mutating func publish(on connection: Int, _ group: Int) -> Bool {
        guard let link = connections[connection].commands,
            let host = globals.announceHost ?? connections[connection].localAddress?.description
        else { return false }
        let port: UInt16 =
            if let announced = globals.announcePort, announced > 0 {
                announced
            } else if globals.linksUseTLS, globals.tlsPort > 0 {
                globals.tlsPort
            } else {
                globals.port
            }
        let primary = groups[group].servers[groups[group].currentPrimary].place
        let hello = HelloText(
            host: host, port: port, id: id, currentEpoch: currentEpoch,
            group: groups[group].settings.name, primaryHost: announced(primary),
            primaryPort: primary.port, configEpoch: groups[group].configEpoch)
        connections[connection].pendingCount += 1
        sendWhenDurable(
            .request(link, .publish(hello.text), names: groups[group].settings.renamedCommands))
        return true
    }

    // MARK: Heard

    /// A message on the hello channel of a server.
    mutating func heard(_ link: LinkID, _ text: String, _ effects: inout [DropInEffect]) {
        guard let connection = connections.place(of: link) else { return }
        connections[connection].subscriptionActivity = now
        greeted(text, &effects)
    }

    /// A hello, from anywhere.
    mutating func greeted(_ text: String, _ effects: inout [DropInEffect]) {
        guard let hello = HelloText(text), hello.id != id, hello.currentEpoch < Self.epochMax,
            hello.configEpoch < Self.epochMax, let group = group(named: hello.group)
        else { return }
        guard let peer = recognise(hello, group, &effects) else { return }
        raiseEpoch(to: hello.currentEpoch, group, &effects)
        adoptConfiguration(hello, of: peer, group, &effects)
        if let peer = self.peer(hello.id, of: group) {
            groups[group].peers[peer].lastHelloHeard = now
        }
    }

    /// The sender among the known Sentinels, made known if it is not; `nil` while its name is not
    /// resolved.
    private mutating func recognise(
        _ hello: HelloText, _ group: Int, _ effects: inout [DropInEffect]
    ) -> Int? {
        let known = peer(hello.id, of: group)
        if let known,
            isSame(groups[group].peers[known].place, host: hello.host, port: hello.port)
        {
            return known
        }
        guard let place = place(host: hello.host, port: hello.port, &effects) else { return nil }
        if let known {
            // The same Sentinel is somewhere else now.
            removePeer(known, of: group, &effects)
            announce(
                .peerAddressSwitch, server: 0, of: group,
                " ip \(hello.host) port \(hello.port) for \(hello.id)", &effects)
        } else {
            removeFormerOwner(of: place, group, &effects)
        }
        guard groups[group].peers.count < Self.instanceCountMax else { return nil }
        addPeer(hello.id, at: place, to: group)
        let peer = groups[group].peers.count - 1
        if known == nil {
            announce(.peerFound, peer: peer, of: group, "", &effects)
        } else {
            moveEverywhere(peer, of: group, to: place, &effects)
        }
        stateChanged()
        return peer
    }

    /// Where a Sentinel of another identity is now, the former is no more, in any group.
    private mutating func removeFormerOwner(
        of place: Place, _ group: Int, _ effects: inout [DropInEffect]
    ) {
        guard let other = groups[group].peers.firstIndex(where: { isSame($0.place, place) })
        else { return }
        let id = groups[group].peers[other].id
        announce(.peerAddressInvalid, peer: other, of: group, "", &effects)
        for group in groups.indices {
            if let peer = peer(id, of: group) { removePeer(peer, of: group, &effects) }
        }
    }

    /// The other groups that know the Sentinel learn its new place.
    private mutating func moveEverywhere(
        _ peer: Int, of group: Int, to place: Place, _ effects: inout [DropInEffect]
    ) {
        let id = groups[group].peers[peer].id
        var count = 0
        for other in groups.indices where other != group {
            guard let index = self.peer(id, of: other),
                !isSame(groups[other].peers[index].place, place)
            else { continue }
            groups[other].peers[index].place = place
            count += 1
        }
        if count > 0 { dropLinks(groups[group].peers[peer].connection, &effects) }
        announce(
            .peerAddressUpdate, peer: peer, of: group,
            " \(count) additional matching instances", &effects)
    }

    /// A newer configuration is taken over, whatever this node was about to do.
    private mutating func adoptConfiguration(
        _ hello: HelloText, of peer: Int, _ group: Int, _ effects: inout [DropInEffect]
    ) {
        guard hello.configEpoch > groups[group].configEpoch else { return }
        let old = groups[group].servers[0].place
        if isSame(old, host: hello.primaryHost, port: hello.primaryPort) {
            groups[group].configEpoch = hello.configEpoch
            stateChanged()
            return
        }
        guard
            let new = place(host: hello.primaryHost, port: hello.primaryPort, &effects)
        else { return }
        groups[group].configEpoch = hello.configEpoch
        announce(.configUpdate, peer: peer, of: group, "", &effects)
        announceSwitch(of: group, from: old, to: new, &effects)
        changePrimary(group, to: new, &effects)
        callReconfigurationScript(of: group, as: .observer, from: old, to: new)
    }
}
