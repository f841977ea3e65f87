import Addressing
import DirectiveFile
import SentinelCore

/// What only the whole file shows: members, quorums, networks.
extension ConfigurationReader {
    mutating func finish() -> Configuration? {
        if draft.groups.isEmpty {
            refuseFile(
                "no group is monitored: "
                    + "a `sentinel monitor NAME ADDRESS PORT QUORUM` line is needed"
            )
        }
        let local = findLocal()
        checkQuorums()
        for index in draft.groups.indices { checkWriteAddress(index, local) }
        if draft.secret == nil {
            refuseFile(
                "no secret: write `baton secret-file PATH` (the same file on every host), or "
                    + "`baton secret none` to trust whoever reaches the port")
        }
        guard let local, let secret = draft.secret else { return nil }
        return Configuration(
            port: draft.port, bind: draft.bind, directory: draft.directory,
            logFile: draft.logFile, logFormat: draft.logFormat, logLevel: draft.logLevel,
            daemonizes: draft.daemonizes, pidFile: draft.pidFile, stateFile: draft.stateFile,
            secret: secret, hosts: draft.hosts.map(\.host),
            groups: draft.groups.map { entry in
                var group = entry.group
                group.settings.needsNodeOnHost = group.writeAddress != nil
                return group
            },
            local: local)
    }

    /// A host finds itself by its own addresses. Those of `bind`, where it names a listed one, are
    /// its own, and no others: so nodes can share a machine, each on an address of 127/8.
    private mutating func findLocal() -> Configuration.Host? {
        guard !draft.hosts.isEmpty else {
            refuseFile(
                "no hosts: a `baton host NAME ADDRESS node` line is needed for each host that "
                    + "votes, this one among them")
            return nil
        }
        let listed = draft.hosts.map(\.host.address)
        let bound = draft.bind.filter(listed.contains)
        let own = bound.isEmpty ? facts.addresses : bound
        let matches = draft.hosts.filter { own.contains($0.host.address) }
        guard let first = matches.first else {
            let listed = draft.hosts.map { "\($0.host.name) \($0.host.address)" }
            refuseFile(
                "this host is none of those listed (\(listed.joined(separator: ", "))): its own "
                    + "addresses are \(own.map(\.description).joined(separator: ", "))")
            return nil
        }
        if matches.count > 1 {
            refuse(
                matches[1].word,
                "both '\(first.host.name)' and '\(matches[1].host.name)' have an address of this "
                    + "host; a host is listed once")
            return nil
        }
        if first.host.role != .node {
            refuse(
                first.word,
                "this host is a \(first.host.role.rawValue); `baton run` serves nodes only in "
                    + "this release")
        }
        return first.host
    }

    private mutating func checkQuorums() {
        let voters = draft.hosts.count { $0.host.role == .node }
        guard voters > 0 else { return }
        for entry in draft.groups where entry.group.settings.quorum > voters {
            refuse(
                entry.quorumWord,
                "a quorum of \(entry.group.settings.quorum) can't be reached by \(voters) "
                    + (voters == 1 ? "voter" : "voters"))
        }
        if voters == 2 {
            let second = draft.hosts.filter { $0.host.role == .node }[1]
            warn(
                second.word,
                "two voters: when one is lost the other is no majority and nothing fails over; "
                    + "list a third node, it needs no Redis")
        }
    }

    private mutating func checkWriteAddress(_ index: Int, _ local: Configuration.Host?) {
        let entry = draft.groups[index]
        guard let word = entry.writeWord, let address = entry.group.writeAddress else { return }
        if draft.hosts.contains(where: { $0.host.address == address.prefix.address }) {
            return refuse(word, "\(address.prefix.address) is a host's own address")
        }
        if let other = draft.groups[..<index].first(where: {
            $0.group.writeAddress?.prefix.address == address.prefix.address
        }) {
            return refuse(
                word, "\(address.prefix.address) is the write address of '\(other.word.text)'")
        }
        if !draft.hosts.isEmpty,
            !draft.hosts.contains(where: {
                $0.host.address == entry.group.settings.primary.address && $0.host.role == .node
            })
        {
            refuse(
                entry.primaryWord,
                "\(entry.primaryWord.text) is on none of the listed nodes, so no host could hold "
                    + "the write address for it")
        }
        guard address.interface == nil, local?.role == .node else { return }
        let network = Prefix(address: address.prefix.address, length: address.prefix.length)
        let isLocal = facts.interfaces.contains { interface in
            interface.addresses.contains {
                $0.length < $0.address.bitCount && $0.contains(address.prefix.address)
            }
        }
        if !isLocal, let network {
            let networks = facts.interfaces.flatMap { interface in
                interface.addresses.map { "\($0) on \(interface.name)" }
            }
            refuse(
                word,
                "\(network) lies in no network of this host (\(networks.joined(separator: ", ")))"
                    + "; name the interface if that is meant: … interface NAME")
        }
    }
}
