import Addressing
import DirectiveFile
import MonotonicTime
import SentinelCore

/// What only the whole file shows: members, quorums, where this host listens.
extension ConfigurationReader {
    mutating func finish() -> Configuration? {
        if draft.groups.isEmpty, draft.unreadGroups.isEmpty {
            refuseFile(
                "no group is monitored: "
                    + "a `sentinel monitor NAME ADDRESS PORT QUORUM` line is needed"
            )
        }
        // Of members that are partly unknown nothing is said.
        let local = draft.hasUnreadHost ? nil : findLocal()
        if !draft.hasUnreadHost { checkQuorums() }
        checkPrimaries()
        checkVirtualAddresses(local)
        checkBalancing(local)
        let security = security(local)
        let bind = boundAddresses(local)
        let lease = leaseTerms()
        if draft.secret == nil {
            refuseFile(
                "no secret: write `baton secret-file PATH` (the same file on every host), or "
                    + "`baton secret none` to trust whoever reaches the port")
        }
        guard let local, let secret = draft.secret?.value else { return nil }
        return Configuration(
            port: draft.port, bind: bind, directory: draft.directory,
            logFile: draft.logFile, logFormat: draft.logFormat, logLevel: draft.logLevel,
            daemonizes: draft.daemonizes, pidFile: draft.pidFile,
            stateFile: draft.stateFile ?? "baton.state",
            secret: secret, security: security, lease: lease,
            hosts: draft.hosts.map(\.host),
            groups: draft.groups.map { entry in
                var group = entry.group
                group.settings.isLeased = group.writeAddress != nil
                return group
            },
            local: local)
    }

    /// A host finds itself by its own addresses, unless it is told who it is.
    private mutating func findLocal() -> Configuration.Host? {
        guard !draft.hosts.isEmpty else {
            refuseFile(
                "no hosts: a `baton host NAME ADDRESS node` line is needed for each host that "
                    + "votes, this one among them")
            return nil
        }
        return (hostName.map { hostNamed($0) } ?? hostByAddress())?.host
    }

    private mutating func hostNamed(_ name: String) -> Draft.Host? {
        if let named = draft.hosts.first(where: { $0.host.name == name }) { return named }
        let names = draft.hosts.map(\.host.name)
        refuseFile(
            "no `baton host` line names '\(name)'"
                + (nearestSpelling(of: name, among: names).map { "; did you mean '\($0)'?" }
                    ?? "; there are \(names.joined(separator: ", "))"))
        return nil
    }

    /// Where `bind` names one listed address, that is the host's, and no other is: so nodes can
    /// share a machine, each on an address of 127/8.
    private mutating func hostByAddress() -> Draft.Host? {
        let listed = draft.hosts.map(\.host.address)
        let bound = draft.bind.compactMap(\.address).filter(listed.contains)
        let own = bound.count == 1 ? bound : facts?.addresses ?? []
        let matches = draft.hosts.filter { own.contains($0.host.address) }
        guard let first = matches.first else {
            let listed = draft.hosts.map { "\($0.host.name) \($0.host.address)" }
            let shown = own.filter { !isLoopback($0) }.map(\.description)
            refuseFile(
                "this host is none of those listed (\(listed.joined(separator: ", "))): it has "
                    + (shown.isEmpty
                        ? "no address but loopback"
                        : "the addresses \(shown.joined(separator: ", "))"))
            return nil
        }
        if matches.count > 1 {
            refuse(
                matches[1].word,
                "both '\(first.host.name)' and '\(matches[1].host.name)' have an address of this "
                    + "host; a host is listed once")
            return nil
        }
        return first
    }

    private mutating func checkQuorums() {
        let voters = draft.hosts.count { $0.host.role == .node }
        guard !draft.hosts.isEmpty else { return }
        if voters == 0 {
            refuse(draft.hosts[0].word, "none of the hosts is a node, so that nobody votes")
            return
        }
        if voters > Self.votersMax {
            let nodes = draft.hosts.filter { $0.host.role == .node }
            refuse(
                nodes[Self.votersMax].word,
                "\(voters) nodes; at most \(Self.votersMax) can vote, and five are plenty")
        }
        for entry in draft.groups where entry.group.settings.quorum > voters {
            refuse(
                entry.quorumWord,
                "a quorum of \(entry.group.settings.quorum) can't be reached by \(voters) "
                    + (voters == 1 ? "voter" : "voters"))
        }
        for entry in draft.groups where entry.group.settings.writeSafety?.boundSeconds != nil {
            guard let word = entry.safetyWord,
                draft.hosts.count(where: { $0.host.role == .node }) == 1
            else { continue }
            warn(
                word,
                "one node: if '\(entry.word.text)' has one server, no replica can ever attach, and "
                    + "it refuses every write")
        }
        if voters == 2 {
            let second = draft.hosts.filter { $0.host.role == .node }[1]
            warn(
                second.word,
                "two voters: when one is lost the other is no majority and nothing fails over; "
                    + "list a third node, it needs no Redis")
        }
    }

    /// As many as the core counts.
    private static let votersMax = 64

    private mutating func checkPrimaries() {
        let othersAreRemote = draft.hosts.contains { !isLoopback($0.host.address) }
        for entry in draft.groups {
            let primary = entry.group.settings.primary.address
            if draft.hosts.count > 1, othersAreRemote, isLoopback(primary) {
                refuse(
                    entry.primaryWord,
                    "\(primary) is another server on each host; write the address by which all "
                        + "hosts reach the primary")
            }
            if let word = entry.userWord, entry.group.credentials.password == nil {
                warn(
                    word,
                    "'auth-user' has no effect without `sentinel auth-pass \(entry.word.text) …`")
            }
        }
    }

    /// The file is the same on every host, so that `bind` may list the addresses of all: each
    /// takes its own.
    private mutating func boundAddresses(_ local: Configuration.Host?) -> [IPAddress] {
        guard !draft.bind.contains(where: { $0.address == nil }) else { return [] }
        var own: [IPAddress] = []
        for case (let word, let address?) in draft.bind {
            let isOwn =
                isLoopback(address) || address == local?.address
                || facts?.addresses.contains(address) == true
            if isOwn {
                own.append(address)
            } else if facts != nil, !draft.hosts.contains(where: { $0.host.address == address }) {
                refuse(word, "\(address) is neither an address of this host nor of another listed")
            }
        }
        if let local, let first = draft.bind.first, !own.contains(local.address) {
            refuse(
                first.word,
                "the other nodes reach this one at \(local.address), which is not among these "
                    + "addresses")
        }
        return own
    }
}
