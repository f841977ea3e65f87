internal import SentinelCore

/// What nodes say to each other about voter sets, as words of ``PeerWire``'s requests and answers.
enum VoterWire {
    static func words(_ standing: VoterStanding) -> [String] {
        [String(standing.number), digest(standing.declared), digest(standing.configuration)]
    }

    static func standing(_ words: ArraySlice<String>) -> VoterStanding? {
        let words = Array(words)
        guard words.count == 3, let number = PeerWire.number(words[0]),
            let declared = digest(words[1]), let configuration = digest(words[2])
        else { return nil }
        return VoterStanding(number: number, declared: declared, configuration: configuration)
    }

    static func words(_ request: VoterRequest) -> [String] {
        [
            "BATON", "VOTERS", request.phase.rawValue, String(request.ballot.round),
            request.ballot.proposer, request.set.text,
        ]
    }

    static func request(_ words: [String]) -> VoterRequest? {
        guard words.count == 4, let phase = VoterRequest.Phase(rawValue: words[0]),
            let ballot = ballot(words[1...2]), let set = VoterSet(text: words[3])
        else { return nil }
        return VoterRequest(phase: phase, ballot: ballot, set: set)
    }

    static func words(_ reply: VoterReply) -> [String] {
        [
            "voters", reply.phase.rawValue, String(reply.number), String(reply.ballot.round),
            reply.ballot.proposer,
            PeerWire.flag(reply.isGranted),
            reply.accepted.map { "\($0.ballot.round)/\($0.ballot.proposer)/\($0.set.text)" } ?? "-",
            reply.promised.map { "\($0.round)/\($0.proposer)" } ?? "-",
        ]
    }

    static func reply(_ words: [String]) -> VoterReply? {
        guard words.count == 7, let phase = VoterRequest.Phase(rawValue: words[0]),
            let number = PeerWire.number(words[1]), let ballot = ballot(words[2...3]),
            let isGranted = PeerWire.truth(words[4])
        else { return nil }
        var reply = VoterReply(
            phase: phase, number: number, ballot: ballot, isGranted: isGranted)
        if words[5] != "-" {
            let parts = parts(of: words[5])
            guard parts.count == 3, let earlier = Self.ballot(parts[...1]),
                let set = VoterSet(text: parts[2])
            else { return nil }
            reply.accepted = AcceptedVoters(ballot: earlier, set: set)
        }
        if words[6] != "-" {
            guard let promised = Self.ballot(parts(of: words[6])[...]) else { return nil }
            reply.promised = promised
        }
        return reply
    }

    static func words(_ news: VotersInForce) -> [String] {
        let founders = news.founders.map(\.description).joined(separator: ",")
        return [
            "BATON", "VOTERS-IN-FORCE", news.sender.description, news.set.text,
            founders.isEmpty ? "-" : founders,
        ]
    }

    static func news(_ words: [String]) -> VotersInForce? {
        guard words.count == 3, let sender = RunID(words[0]), let set = VoterSet(text: words[1])
        else { return nil }
        var news = VotersInForce(sender: sender, set: set)
        if words[2] != "-" {
            let identities = words[2].split(separator: ",", omittingEmptySubsequences: false)
            guard identities.count <= PeerSet.countMax else { return nil }
            news.founders = identities.compactMap { RunID(String($0)) }
            guard news.founders.count == identities.count else { return nil }
        }
        return news
    }

    private static func parts(of word: String) -> [String] {
        word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    }

    private static func ballot(_ words: ArraySlice<String>) -> VoterBallot? {
        guard words.count == 2, let first = words.first, let proposer = words.last,
            let round = PeerWire.number(first), VoterSet.isName(proposer)
        else { return nil }
        return VoterBallot(round: round, proposer: proposer)
    }

    private static func digest(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func digest(_ word: String) -> UInt64? {
        guard word.utf8.count == 16,
            word.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        return UInt64(word, radix: 16)
    }
}
