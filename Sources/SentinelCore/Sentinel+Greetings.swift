import Addressing
import MonotonicTime

/// Gossip: who takes which server for the primary, since which epoch.
extension Sentinel {
    func hello(_ group: Int) -> Hello {
        Hello(
            sender: settings.endpoint, senderID: id, currentEpoch: currentEpoch,
            group: groups[group].name, primary: groups[group].primaryEndpoint,
            configEpoch: groups[group].configEpoch)
    }

    func greeting(_ group: Int) -> Greeting {
        Greeting(
            hello: hello(group), isFailoverUnderWay: isFailoverUnderWay(group),
            holdsAddress: groups[group].tenure.holdsAddress,
            reachesClients: groups[group].tenure.reachesClients,
            clientAddress: groups[group].tenure.clientAddress, standing: standing,
            addressSeenAfter: groups[group].tenure.addressSeenAfter, pause: pauseTold(group))
    }

    /// A newer configuration than the present one may come soon: this node leads a failover, or
    /// has voted for one that had the time to succeed.
    package func isFailoverUnderWay(_ group: Int) -> Bool {
        switch groups[group].failover {
        case .election, .selectReplica, .promotion: true
        case .none, .waitStart, .preVote, .reconfigureReplicas: hasRecentVote(group)
        }
    }

    /// This node voted for a failover that is not known to have succeeded and may still.
    func hasRecentVote(_ group: Int) -> Bool {
        groups[group].votedEpoch > groups[group].configEpoch
            && now - groups[group].votedAt < Rhythm.leaderPatience
    }

    mutating func greet(_ peer: Int, _ group: Int) {
        guard let link = peers[peer].link.usable else { return }
        groups[group].views[peer].lastGreeting = now
        sendWhenDurable(.request(link, .tell(.greeting(greeting(group)), sentAt: now)))
    }

    /// Tells everybody at once; through the servers too where real Sentinels listen.
    mutating func greetAll(_ group: Int) {
        for peer in peers.indices { greet(peer, group) }
        guard settings.gossipsThroughServers else { return }
        for server in groups[group].servers.indices {
            guard let link = groups[group].servers[server].commands.usable else { continue }
            groups[group].servers[server].lastHello = now
            sendWhenDurable(.request(link, .publish(hello(group))))
        }
    }

    /// A hello text that came by a server or by PUBLISH. It may be anything.
    mutating func heard(_ text: String, _ effects: inout [Effect]) {
        guard settings.gossipsThroughServers else { return }
        guard let hello = Hello(text: text) else {
            if complaints.isNew("garbage on the hello channel") {
                let sample = String(decoding: text.utf8.prefix(80), as: UTF8.self)
                announce(
                    .alarm, .none,
                    "Something that is no hello was published on the hello channel and ignored: "
                        + sample.debugDescription, &effects)
            }
            return
        }
        guard hello.senderID != id else { return }
        guard let peer = recognise(hello, &effects),
            let group = groups.firstIndex(where: { $0.name == hello.group })
        else { return }
        consider(hello, from: peer, group, &effects)
        review(group, &effects)
    }

    /// Which peer says so; `nil` and a complaint for a node that the configuration does not list.
    mutating func recognise(_ hello: Hello, _ effects: inout [Effect]) -> Int? {
        guard let peer = peers.firstIndex(where: { $0.endpoint == hello.sender }) else {
            let complaint =
                "A node that is not in the configuration (\(hello.senderID) at \(hello.sender)) "
                + "claims to watch \(hello.group): ignored. "
                + "If it belongs to this cluster, add a `baton host` line for it on every host."
            if complaints.isNew("stranger \(hello.sender)") {
                announce(.alarm, .none, complaint, &effects)
            }
            return nil
        }
        if peers[peer].id != hello.senderID {
            peers[peer].id = hello.senderID
            if let group = groups.firstIndex(where: { $0.name == hello.group }) {
                announce(.peerFound, subject(peer: peer, group), "", &effects)
            }
        }
        return peer
    }

    /// A greeting from a peer: an answer to ours that left at `asOf`, or unasked (`nil`).
    mutating func greeted(
        _ greeting: Greeting, from peer: Int, asOf: Instant?, _ effects: inout [Effect]
    ) {
        guard let group = groups.firstIndex(where: { $0.name == greeting.hello.group }),
            recognise(greeting.hello, &effects) == peer
        else { return }
        hear(greeting.standing, of: peer, &effects)
        keep(greeting, from: peer, isAnswer: asOf != nil, group)
        if let asOf { groups[group].views[peer].answered = (greeting, asOf) }
        heardPause(greeting.pause, from: peer, isAnswer: asOf != nil, group, &effects)
        consider(greeting.hello, from: peer, group, &effects)
        if greeting.holdsAddress { noteHeld(group) }
        if greeting.holdsAddress, greeting.hello.configEpoch == groups[group].configEpoch {
            recordHeld(group, &effects)
        }
        if let after = greeting.addressSeenAfter,
            greeting.hello.configEpoch == groups[group].configEpoch
        {
            recordSeen(group, by: peers[peer].name, after: after, &effects)
        }
        for server in groups[group].servers.indices where groups[group].servers[server].isLocal {
            concludeReturn(group, server, &effects)
        }
        review(group, &effects)
    }

    /// A peer's answers and its own words come by two connections: an answer by which it does not
    /// hold the address may be older than its word that it does. What it answers to another
    /// question is the newest.
    private mutating func keep(
        _ greeting: Greeting, from peer: Int, isAnswer: Bool, _ group: Int
    ) {
        let former = groups[group].views[peer].greeting
        let epoch = greeting.hello.configEpoch
        guard epoch >= former?.hello.configEpoch ?? 0 else { return }
        groups[group].views[peer].greeting = greeting
        guard isAnswer, !greeting.holdsAddress, let former, former.holdsAddress,
            epoch == former.hello.configEpoch
        else { return }
        greet(peer, group)
    }

    private mutating func consider(
        _ hello: Hello, from peer: Int, _ group: Int, _ effects: inout [Effect]
    ) {
        guard isPlausible(hello.currentEpoch), isPlausible(hello.configEpoch) else {
            if complaints.isNew("epoch of \(hello.sender)") {
                announce(
                    .alarm, .none,
                    "\(peers[peer].name) seems to be in epoch \(hello.currentEpoch), this node in "
                        + "\(currentEpoch): no cluster gets so far; ignored.", &effects)
            }
            return
        }
        raiseEpoch(to: max(hello.currentEpoch, hello.configEpoch), &effects)
        if hello.configEpoch > groups[group].configEpoch {
            adopt(hello, from: peer, group, &effects)
        } else if hello.configEpoch == groups[group].configEpoch,
            hello.primary != groups[group].primaryEndpoint
        {
            let complaint =
                "\(peers[peer].name) takes \(hello.primary) for the primary of \(hello.group), "
                + "this node \(groups[group].primaryEndpoint), both since epoch "
                + "\(hello.configEpoch): the configuration must be the same on every host."
            if complaints.isNew(complaint) { announce(.alarm, .none, complaint, &effects) }
        }
    }

    /// Whoever can publish on a server can forge a hello. One with the last epoch of all would end
    /// all elections for ever, so a leap beyond what any number of elections explains is nonsense.
    func isPlausible(_ epoch: Epoch) -> Bool {
        epoch <= currentEpoch || epoch - currentEpoch <= Self.epochLeapMax
    }

    private static let epochLeapMax: Epoch = 1 << 32

    mutating func raiseEpoch(to epoch: Epoch, _ effects: inout [Effect]) {
        guard epoch > currentEpoch else { return }
        currentEpoch = epoch
        outbox.stateChanged()
        announce(.newEpoch, .none, "\(epoch)", &effects)
    }

    /// Takes over a newer configuration from a peer.
    private mutating func adopt(
        _ hello: Hello, from peer: Int, _ group: Int, _ effects: inout [Effect]
    ) {
        if case .promotion(hello.configEpoch, let replica, _, _) = groups[group].failover,
            groups[group].servers[replica].endpoint == hello.primary
        {
            // The chosen server's own host says so before the server's report comes.
            return promoted(group, replica, epoch: hello.configEpoch, &effects)
        }
        groups[group].configEpoch = hello.configEpoch
        groups[group].tenure.overtake(hello.configEpoch)
        outbox.stateChanged()
        if groups[group].failover != .none { move(group, to: .none) }
        groups[group].attempts = 0
        recordSwitch(group, to: hello.primary, learntFrom: peer, &effects)
        if hello.primary != groups[group].primaryEndpoint {
            announce(.configUpdate, subject(peer: peer, group), "", &effects)
            switchPrimary(group, to: hello.primary, by: .observer, &effects)
        }
        greetAll(group)
    }

    /// Puts another server in force as the group's primary.
    mutating func switchPrimary(
        _ group: Int, to endpoint: Endpoint, by part: FailoverPart, _ effects: inout [Effect]
    ) {
        let former = groups[group].primaryEndpoint
        if groups[group].index(of: endpoint) == nil {
            groups[group].servers.append(
                Server(
                    endpoint: endpoint,
                    isLocal: settings.localAddresses.contains(endpoint.address), now: now))
        }
        groups[group].primary = groups[group].index(of: endpoint) ?? groups[group].primary
        groups[group].isObjectivelyDown = false
        groups[group].tenure.overtake(groups[group].configEpoch)
        groups[group].formerReplicationID = groups[group].replicationID
        groups[group].replicationID = nil
        // What a blind one knew of the former primary is not all of it.
        if isBlind(group) { groups[group].reached = ReachWatch() }
        groups[group].reached.primaryChanged()
        groups[group].votedReaches = []
        let isGranted = groups[group].tenure.grant?.epoch == groups[group].configEpoch
        groups[group].tenure.renewedAt = isGranted ? now : nil
        for peer in peers.indices { groups[group].views[peer].seesDownUntil = nil }
        for server in groups[group].servers.indices {
            groups[group].servers[server].reconfiguration = .none
            groups[group].servers[server].returnCheckSince = nil
            // What a replica follows is judged against the new primary from now on.
            groups[group].servers[server].roleSince = now
        }
        // A server of this host may have to be made a replica, or its address be taken: both wait
        // for its word. The primary may be lost soon, and must have been heard.
        for server in groups[group].servers.indices
        where groups[group].servers[server].isLocal || server == groups[group].primary {
            askReport(group, server, &effects)
        }
        // Clients act on this: it waits for the state, like every word to the peers.
        sendWhenDurable(
            .announce(
                Announcement(
                    .switchPrimary,
                    detail: "\(groups[group].name) \(former.address) \(former.port) "
                        + "\(endpoint.address) \(endpoint.port)")))
        sendWhenDurable(
            .clientsMoved(group: groups[group].name, by: part, from: former, to: endpoint))
        for server in groups[group].servers.indices where server != groups[group].primary {
            sendWhenDurable(
                .announce(Announcement(.replicaFound, groups[group].subject(server))))
        }
    }

    // MARK: Agreement

    /// Whether a peer has answered recently enough to count on what it last said.
    package func isInContact(_ peer: Int, _ group: Int) -> Bool {
        guard let contact = peers[peer].contact else { return false }
        let window = Rhythm.contactWindow(downAfter: groups[group].settings.downAfter)
        return now - contact <= window
    }

    /// Whether a majority of the voters, this node included, is in contact and takes the same
    /// server for the primary since the same epoch.
    ///
    /// - Parameter isSettled: whether only those count that know of no failover under way.
    package func isConfirmed(_ group: Int, isSettled: Bool = false) -> Bool {
        var agreeing = PeerSet()
        for peer in peers.indices where isInContact(peer, group) && agrees(peer, group) {
            let isMoving = groups[group].views[peer].answered?.greeting.isFailoverUnderWay ?? false
            if !isSettled || !isMoving { agreeing.insert(peer) }
        }
        return electorate.voices(agreeing) >= electorate.majority
    }

    /// Whether another host says that it answers for the write address of the present primary.
    package func isHeldElsewhere(_ group: Int) -> Bool {
        peers.indices.contains { peer in
            agrees(peer, group) && groups[group].views[peer].greeting?.holdsAddress == true
        }
    }

    /// The peer that says so.
    package func holderElsewhere(_ group: Int) -> Int? {
        peers.indices.first { peer in
            groups[group].views[peer].greeting?.holdsAddress == true && agrees(peer, group)
        }
    }

    /// Only what a peer answered since it is in contact counts: after a silence its first answer to
    /// a ping comes before the news of what happened meanwhile.
    func agrees(_ peer: Int, _ group: Int) -> Bool {
        let view = groups[group].views[peer]
        guard let since = view.contactSince, let (greeting, asOf) = view.answered, asOf >= since
        else { return false }
        let hello = greeting.hello
        return hello.configEpoch == groups[group].configEpoch
            && hello.primary == groups[group].primaryEndpoint
    }
}
