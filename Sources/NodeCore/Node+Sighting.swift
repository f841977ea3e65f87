import Addressing
import MonotonicTime
import SentinelCore

/// Looking from outside whether the address is where it ought to be: a host that holds it can't
/// tell, since its own kernel answers it, whatever the network's switches and tables say.
///
/// Each node that learns of another holder asks the network for the address, compares who answers
/// with the holder's own address there, and tells the others.
extension Node {
    /// Between two looks at a holder that was not seen.
    static let seekPeriod = Interval.seconds(10)

    /// Has the network asked for an address that another host has come to hold.
    mutating func lookForHolder(_ index: Int, at now: Instant, _ effects: inout [NodeEffect]) {
        let group = addresses[index].group
        guard !addresses[index].custody.isHeld else {
            addresses[index].soughtEpoch = nil
            addresses[index].sighting = nil
            return
        }
        let epoch = sentinel.groups[group].configEpoch
        if addresses[index].soughtEpoch == epoch {
            guard let due = addresses[index].seekAfter, now >= due else { return }
        }
        // Who is not heard there himself can't tell.
        guard sentinel.groups[group].tenure.reachesClients,
            sentinel.groups[group].tenure.clientAddress != nil,
            let peer = sentinel.holderElsewhere(group),
            let holder = sentinel.groups[group].views[peer].greeting?.clientAddress
        else { return }
        if addresses[index].soughtEpoch != epoch { addresses[index].sighting = nil }
        addresses[index].soughtEpoch = epoch
        addresses[index].seekAfter = nil
        effects.append(
            .address(.verify(group: addresses[index].name, epoch: epoch, holder: holder)))
    }

    /// What came of it. Said when it has changed.
    mutating func sighted(
        _ index: Int, epoch: Epoch, _ sighting: Sighting, at now: Instant,
        _ effects: inout [NodeEffect]
    ) {
        let group = addresses[index].group
        guard addresses[index].soughtEpoch == epoch,
            sentinel.groups[group].configEpoch == epoch,
            let peer = sentinel.holderElsewhere(group)
        else {
            // The holder has gone meanwhile: the next one is looked for anew.
            if addresses[index].soughtEpoch == epoch { addresses[index].soughtEpoch = nil }
            return
        }
        let known = addresses[index].sighting
        addresses[index].sighting = sighting
        let name = sentinel.peers[peer].name
        if sighting.isConfirmed {
            tell(
                .addressVerified, index,
                "answered by \(sighting.answering ?? "") (\(name)) after "
                    + "\(sighting.after.milliseconds) ms", &effects)
            var inner: [Effect] = []
            sentinel.addressSeen(group, after: sighting.after, &inner)
            effects.append(contentsOf: inner.map { .sentinel($0) })
            return
        }
        addresses[index].seekAfter = now + Self.seekPeriod
        guard
            known.map({ $0.answering != sighting.answering || $0.holder != sighting.holder })
                ?? true
        else { return }
        tell(.addressUnverified, index, Self.objection(sighting, holder: name), &effects)
    }

    private static func objection(_ sighting: Sighting, holder name: String) -> String {
        let milliseconds = sighting.after.milliseconds
        switch (sighting.answering, sighting.holder) {
        case (nil, nil):
            return "neither it nor \(name)'s own address was answered within \(milliseconds) ms: "
                + "see the network between this host and \(name)"
        case (nil, _):
            return "\(name) holds it and does not answer for it within \(milliseconds) ms: see "
                + "\(name)'s packet filter, and the switch between"
        case (let hardware?, nil):
            return "answered by \(hardware), and \(name), which holds it, does not answer for its "
                + "own address there: see whose that is"
        case (let hardware?, let holder?):
            return "answered by \(hardware) instead of \(holder) (\(name)), which holds it: a "
                + "host that has the same address, or answers for others. Find it and take the "
                + "address from it"
        }
    }
}
