import Addressing
import MonotonicTime
import SentinelCore

/// Groups, servers and other Sentinels come and go.
extension DropIn {
    func group(named name: String) -> Int? { places[name] }

    /// The group whose primary is there.
    mutating func group(at endpoint: Endpoint) -> Int? {
        if let primaries { return primaries[endpoint] }
        var places: [Endpoint: Int] = [:]  // order never reaches an effect
        for group in groups.indices {
            guard let endpoint = groups[group].servers[0].place.endpoint,
                places[endpoint] == nil
            else { continue }
            places[endpoint] = group
        }
        primaries = places
        return places[endpoint]
    }

    func group(_ key: GroupKey) -> Int? {
        var low = 0
        var high = groups.count
        while low < high {
            let middle = (low + high) / 2
            if groups[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low < groups.count && groups[low].key == key ? low : nil
    }

    func peer(_ id: RunID, of group: Int) -> Int? {
        groups[group].peers.firstIndex { $0.id == id }
    }

    /// Whether the group has a server there.
    func knows(_ place: Place, _ group: Int) -> Bool {
        groups[group].servers.contains { isSame($0.place, place) }
    }

    /// Returns the group's place.
    mutating func addGroup(_ settings: MasterSettings, primary: Place) -> Int {
        let key = GroupKey(number: nextKey)
        nextKey += 1
        let server = Server(
            primary, connection: connections.add(.server(key, 0), at: now), isPrimary: true,
            at: now)
        groups.append(Group(key: key, settings: settings, primary: server, at: now))
        places[settings.name] = groups.count - 1
        primaries = nil
        return groups.count - 1
    }

    mutating func removeGroup(_ group: Int, _ effects: inout [DropInEffect]) {
        removeReplicas(group, &effects)
        removePeers(group, &effects)
        let connection = groups[group].servers[0].connection
        closeLinks(connection, &effects)
        connections.remove(connection)
        groups.remove(at: group)
        primaries = nil
        places = [:]
        for index in groups.indices { places[groups[index].settings.name] = index }
    }

    mutating func addReplica(_ place: Place, to group: Int) {
        let index = groups[group].servers.count
        let connection = connections.add(.server(groups[group].key, index), at: now)
        groups[group].servers.append(
            Server(place, connection: connection, isPrimary: false, at: now))
    }

    mutating func removeReplicas(_ group: Int, _ effects: inout [DropInEffect]) {
        for server in groups[group].servers.dropFirst() {
            closeLinks(server.connection, &effects)
            connections.remove(server.connection)
        }
        groups[group].servers.removeSubrange(1...)
    }

    /// The connection is shared with the other groups that know the same Sentinel.
    mutating func addPeer(_ id: RunID, at place: Place, to group: Int) {
        let connection: Int
        if let shared = connections.place(of: id) {
            connection = shared
            connections[shared].referenceCount += 1
        } else {
            connection = connections.add(.sentinel(id), at: now)
        }
        groups[group].peers.append(Peer(id: id, place: place, connection: connection, at: now))
    }

    mutating func removePeer(_ peer: Int, of group: Int, _ effects: inout [DropInEffect]) {
        let connection = groups[group].peers.remove(at: peer).connection
        connections[connection].referenceCount -= 1
        guard connections[connection].referenceCount == 0 else { return }
        closeLinks(connection, &effects)
        connections.remove(connection)
    }

    mutating func removePeers(_ group: Int, _ effects: inout [DropInEffect]) {
        while !groups[group].peers.isEmpty {
            removePeer(groups[group].peers.count - 1, of: group, &effects)
        }
    }

    /// Forgets what the primary said and every failover; the replicas are gone already.
    mutating func resetPrimary(
        _ group: Int, to place: Place, _ effects: inout [DropInEffect]
    ) {
        let old = groups[group].servers[0].connection
        closeLinks(old, &effects)
        connections.remove(old)
        let connection = connections.add(.server(groups[group].key, 0), at: now)
        groups[group].servers = [
            Server(place, connection: connection, isPrimary: true, at: now)
        ]
        primaries = nil
        groups[group].leader = nil
        groups[group].objectivelyDownSince = nil
        groups[group].failover = .none
        groups[group].isForced = false
        groups[group].isCoordinated = false
        groups[group].failoverStart = nil
        groups[group].obstacle = nil
        groups[group].failedTries = 0
        groups[group].retryAt = nil
    }

    /// The group has another primary; the old one becomes a replica, and the Sentinels stay.
    mutating func changePrimary(
        _ group: Int, to place: Place, _ effects: inout [DropInEffect]
    ) {
        let old = groups[group].servers.map(\.place)
        removeReplicas(group, &effects)
        resetPrimary(group, to: place, &effects)
        // What the others saw was the old one. Sentinel counts it for 5 s, and may so replace a
        // primary that is well.
        for peer in groups[group].peers.indices {
            groups[group].peers[peer].seesDown = false
            groups[group].peers[peer].lastQuestion = nil
        }
        for other in Array(old.dropFirst()) + old.prefix(1) where !knows(other, group) {
            addReplica(other, to: group)
            announce(
                .replicaFound, server: groups[group].servers.count - 1, of: group, "", &effects)
        }
        stateChanged()
    }
}
