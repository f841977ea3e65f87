import Addressing
import MonotonicTime

/// Where the group has a write address, the host of the chosen server promotes it, and only when it
/// has the voters' lease: lease, then promotion, then the address.
extension Sentinel {
    /// The leader names the chosen server to every host: to its own, which takes office, and to the
    /// present holder's, which yields. False when its own can't be told now.
    mutating func appoint(
        _ group: Int, epoch: Epoch, replica: Int, _ effects: inout [Effect]
    ) -> Bool {
        let server = groups[group].servers[replica]
        let peer = node(of: server)
        guard server.isLocal || peer.flatMap({ peers[$0].link.usable }) != nil else {
            return false
        }
        let appointment = Appointment(
            group: groups[group].name, epoch: epoch, server: server.endpoint,
            isCoordinated: groups[group].order?.isCoordinated ?? false)
        for peer in peers.indices {
            guard let link = peers[peer].link.usable else { continue }
            effects.append(.request(link, .tell(.appointment(appointment), sentAt: now)))
        }
        appointed(appointment, &effects)
        return true
    }

    /// A leader chose a server. A newer vote or configuration overrules it.
    mutating func appointed(_ appointment: Appointment, _ effects: inout [Effect]) {
        guard let group = groups.firstIndex(where: { $0.name == appointment.group }),
            groups[group].settings.isLeased, isPlausible(appointment.epoch),
            appointment.epoch > groups[group].configEpoch,
            appointment.epoch >= groups[group].votedEpoch,
            appointment.epoch > groups[group].tenure.appointment?.epoch ?? 0
        else { return }
        raiseEpoch(to: appointment.epoch, &effects)
        groups[group].tenure.appointment = nil
        groups[group].tenure.yielded = nil
        if let server = groups[group].index(of: appointment.server),
            groups[group].servers[server].isLocal
        {
            groups[group].tenure.appointment = Tenure.Office(
                epoch: appointment.epoch, server: appointment.server,
                deadline: now + Rhythm.promotionRound, isCoordinated: appointment.isCoordinated)
        } else if appointment.isCoordinated {
            beginHandover(group, appointment, &effects)
        } else {
            groups[group].tenure.yielded = (appointment.epoch, now + Rhythm.promotionRound)
        }
    }

    /// The voters have given a newer epoch away and nothing came of it, so that this host, whose
    /// server is the primary and works, can't renew its lease: the primary is confirmed in an epoch
    /// of its own, by an election like any other.
    package mutating func standAgain(_ group: Int, _ effects: inout [Effect]) {
        guard groups[group].failover == .none, mayVote, now >= groups[group].notBefore,
            !hasRecentVote(group), !groups[group].tenure.isYielding(at: now)
        else { return }
        askPreVotes(group, isForced: true, &effects)
        groups[group].isIncumbency = true
        flushOutbox(&effects)
    }

    /// What this host does for its appointment, as far as it can now.
    mutating func serve(_ group: Int, _ effects: inout [Effect]) {
        guard let office = groups[group].tenure.appointment else { return }
        guard now < office.deadline, groups[group].votedEpoch <= office.epoch,
            let server = groups[group].index(of: office.server)
        else {
            groups[group].tenure.appointment = nil
            return
        }
        guard groups[group].tenure.heldEpoch == office.epoch else {
            return followStream(group, server, office, &effects)
        }
        // The lease came without the holder's word: it is lost, and whether its server wrote on is
        // not known. The next election takes it as it is.
        guard !office.isCoordinated || office.hasCaughtUp else {
            groups[group].tenure.appointment = nil
            return
        }
        if server == groups[group].primary, groups[group].servers[server].report?.isPrimary == true
        {
            return putInForce(group, server, office.epoch, &effects)
        }
        if let orderedAt = office.orderedAt {
            let report = groups[group].servers[server].report
            let asOf = groups[group].servers[server].reportSentAt
            if report?.isPrimary == true, asOf.map({ $0 >= orderedAt }) ?? false {
                return putInForce(group, server, office.epoch, &effects)
            }
            guard now - orderedAt >= Rhythm.promotionRetry else { return }
        }
        guard let link = groups[group].servers[server].commands.usable else { return }
        limitWrites(group, server, &effects)
        effects.append(.request(link, .promote(sentAt: now)))
        askReport(group, server, &effects)
        groups[group].tenure.appointment?.orderedAt = now
    }

    /// The server of this host is the primary of the appointment's epoch, whatever has become of
    /// the leader: it named one server, so nobody else can be.
    private mutating func putInForce(
        _ group: Int, _ server: Int, _ epoch: Epoch, _ effects: inout [Effect]
    ) {
        if case .promotion(epoch, server, _, _) = groups[group].failover {
            promoted(group, server, epoch: epoch, &effects)
        } else {
            if groups[group].failover != .none { move(group, to: .none) }
            install(group, server, epoch: epoch, by: .observer, &effects)
        }
        groups[group].replicationID = groups[group].servers[server].report?.replicationID
    }
}
