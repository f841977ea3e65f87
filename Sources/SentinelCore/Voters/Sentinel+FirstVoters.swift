import MonotonicTime

/// A node without any voter set takes what its file declares, once every node of that file says the
/// same and has none either.
extension Sentinel {
    mutating func foundVoters(_ declared: VoterSet, _ effects: inout [Effect]) {
        let digest = settings.declaredDigest
        let isAgreed = peers.allSatisfy { peer in
            !declared.names.contains(peer.name)
                || peer.standing.map { $0.number == 0 && $0.declared == digest } ?? false
        }
        if isAgreed, declared.names.contains(settings.name) {
            talk.founders = [id] + peers.compactMap(\.id)
            return putInForce(declared.numbered(1), isFounder: true, &effects)
        }
        guard now - talk.startedAt >= Rhythm.voterPatience, complaints.isNew("no voters") else {
            return
        }
        announce(
            .alarm, .none,
            "Nobody votes yet: the first time every host of the configuration must be heard, with "
                + "the same hosts in its file. \(missing(declared))", &effects)
    }

    /// Who is waited for, and why, in a sentence.
    package func missing(_ declared: VoterSet) -> String {
        let digest = declared.digest
        let reasons = peers.filter { declared.names.contains($0.name) }.compactMap { peer in
            guard let standing = peer.standing else { return "\(peer.name) was not heard" }
            return standing.declared == digest ? nil : "\(peer.name) lists other hosts"
        }
        return reasons.isEmpty ? "" : reasons.joined(separator: ", ") + "."
    }
}
