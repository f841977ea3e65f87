internal import Addressing
internal import MonotonicTime
public import SentinelCore

/// What a node must not forget, as the text of its state file.
///
///     # Baton's memory of its promises. Never edit or copy it while baton runs.
///     id 6f1c…                                  (40 digits)
///     life 12
///     current-epoch 7
///     voters 2:1500:redis01,redis02,redis03
///     voters-from 1
///     voters-promised 4 redis01
///     voters-accepted 4 redis01 3:1500:redis01,redis02
///     group orders primary 10.0.0.1 6379 config-epoch 3 voted-epoch 7 voted-for 6f1c…
///     replica orders 10.0.0.2 6379
///     held orders
///     grant orders epoch 7 holder 6f1c… promise-milliseconds 1500
///     pause orders number 3 author 6f1c… paused milliseconds 7200000
///     end 1a2b3c4d
///
/// The lines `voters` are ``VoterMemory``: the set in force (``VoterSet/text``), from which number
/// on this node has a say, and the ballots for the next set, each a round and a node's name.
/// A pause is `paused` or `resumed`; its `milliseconds` are `none` when it has no end.
/// `voted-for` is `none` before the first vote; in a name, bytes other than letters, digits, `.`,
/// `-` and `_` are written `%HH`. The last line holds the CRC-32 (IEEE 802.3) of every byte above
/// it, so that a file that was cut short or altered is noticed: it would make a node break its
/// word.
public enum StateText {
    /// Why a text is not a state.
    public struct Problem: Error, Equatable, Sendable {
        /// Counted from 1; `nil` when it is about the whole text.
        public var line: Int?
        /// A phrase for people.
        public var text: String
    }

    private static let opening =
        "# Baton's memory of its promises. Never edit or copy it while baton runs.\n"

    /// The text, which ``decode(_:)`` reads back to an equal state.
    public static func encode(_ state: PersistentState) -> String {
        var text = opening
        text += "id \(state.id)\n"
        text += "life \(state.life)\n"
        text += "current-epoch \(state.currentEpoch)\n"
        if let set = state.voters.inForce {
            text += "voters \(set.text)\nvoters-from \(state.voters.acceptsFrom)\n"
        }
        if let ballot = state.voters.promised {
            text += "voters-promised \(ballot.round) \(ballot.proposer)\n"
        }
        if let accepted = state.voters.accepted {
            text += "voters-accepted \(accepted.ballot.round) \(accepted.ballot.proposer)"
            text += " \(accepted.set.text)\n"
        }
        for group in state.groups {
            let name = escaped(group.name)
            text += "group \(name) primary \(group.primary.address) \(group.primary.port)"
            text += " config-epoch \(group.configEpoch) voted-epoch \(group.votedEpoch)"
            text += " voted-for \(group.votedFor?.description ?? "none")\n"
            for replica in group.replicas {
                text += "replica \(name) \(replica.address) \(replica.port)\n"
            }
            if group.hasBeenHeld { text += "held \(name)\n" }
            if let pause = group.pause {
                text += "pause \(name) number \(pause.number) author \(pause.author)"
                text += pause.isPaused ? " paused" : " resumed"
                text += " milliseconds \(pause.length.map { String($0.milliseconds) } ?? "none")\n"
            }
            if let grant = group.grant {
                text += "grant \(name) epoch \(grant.epoch) holder \(grant.holder)"
                text += " promise-milliseconds \(grant.promise.milliseconds)\n"
            }
        }
        return text + "end \(CRC32.hex(of: text.utf8))\n"
    }

    /// Reads a text that ``encode(_:)`` wrote, and nothing else: an unknown or repeated line is
    /// refused as well, for it may hold a promise that this version does not understand.
    public static func decode(_ bytes: [UInt8]) throws(Problem) -> PersistentState {
        guard !bytes.isEmpty else { throw Problem(line: nil, text: "the file is empty") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Problem(line: nil, text: "the file is not text")
        }
        guard bytes.last == UInt8(ascii: "\n") else {
            throw Problem(line: nil, text: "the file is cut short: its last line does not end")
        }
        var lines = text.utf8.dropLast().split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let last = Substring(lines.removeLast())
        guard last.hasPrefix("end ") else {
            throw Problem(line: nil, text: "the file is cut short: its line 'end' is missing")
        }
        let aboveCount = bytes.count - last.utf8.count - 1
        guard last.dropFirst(4) == CRC32.hex(of: bytes[..<aboveCount]) else {
            throw Problem(
                line: lines.count + 1, text: "the checksum does not fit: the file was altered")
        }
        var reader = StateReader()
        for (index, line) in lines.enumerated() {
            do throws(StateReader.Refusal) {
                try reader.read(Substring(line))
            } catch {
                throw Problem(line: index + 1, text: error.text)
            }
        }
        guard let state = reader.state() else {
            throw Problem(line: nil, text: "there is no line 'id' or no line 'current-epoch'")
        }
        return state
    }

    private static func escaped(_ name: String) -> String {
        var text = ""
        for byte in name.utf8 {
            let scalar = UnicodeScalar(byte)
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_":
                text.unicodeScalars.append(scalar)
            default:
                let hex = String(byte, radix: 16)
                text += hex.utf8.count == 1 ? "%0\(hex)" : "%\(hex)"
            }
        }
        return text.isEmpty ? "%" : text
    }
}

/// Collects the lines of a state file.
private struct StateReader {
    struct Refusal: Error {
        var text: String
    }

    private var id: RunID?
    /// Files of before lives were counted have none.
    private var life: UInt64?
    private var currentEpoch: Epoch?
    private var groups: [PersistentState.Group] = []
    private var voters = VoterMemory()

    mutating func read(_ line: Substring) throws(Refusal) {
        guard !line.isEmpty, !line.hasPrefix("#") else { return }
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        switch words[0] {
        case "id":
            guard words.count == 2, id == nil, let value = RunID(words[1]) else {
                throw Refusal(text: "'id' takes 40 hexadecimal digits, once")
            }
            id = value
        case "life":
            guard words.count == 2, life == nil, let value = number(words[1]) else {
                throw Refusal(text: "'life' takes a number, once")
            }
            life = value
        case "current-epoch":
            guard words.count == 2, currentEpoch == nil, let value = number(words[1]) else {
                throw Refusal(text: "'current-epoch' takes a number, once")
            }
            currentEpoch = value
        case "voters", "voters-from", "voters-promised", "voters-accepted":
            try readVoters(words)
        case "group":
            groups.append(try group(words))
        case "replica":
            guard words.count == 4, let name = unescaped(words[1]),
                let replica = endpoint(words[2], words[3]),
                !groups.isEmpty, groups[groups.count - 1].name == name
            else { throw Refusal(text: "'replica' takes its group's name, an address, a port") }
            groups[groups.count - 1].replicas.append(replica)
        case "held":
            guard words.count == 2, !groups.isEmpty,
                unescaped(words[1]) == groups[groups.count - 1].name,
                !groups[groups.count - 1].hasBeenHeld
            else { throw Refusal(text: "'held' takes its group's name, once") }
            groups[groups.count - 1].hasBeenHeld = true
        case "pause":
            guard !groups.isEmpty, groups[groups.count - 1].pause == nil,
                let pause = pause(words, of: groups[groups.count - 1].name)
            else {
                throw Refusal(
                    text: "'pause' takes its group's name, number N, author ID, paused or resumed,"
                        + " milliseconds N or none, once")
            }
            groups[groups.count - 1].pause = pause
        case "grant":
            guard !groups.isEmpty, groups[groups.count - 1].grant == nil,
                let grant = grant(words, of: groups[groups.count - 1].name)
            else {
                throw Refusal(
                    text: "'grant' takes its group's name, epoch N, holder ID,"
                        + " promise-milliseconds N, once")
            }
            groups[groups.count - 1].grant = grant
        default:
            throw Refusal(text: "unknown word '\(words[0])'")
        }
    }

    private mutating func readVoters(_ words: [Substring]) throws(Refusal) {
        switch (words[0], words.count) {
        case ("voters", 2):
            guard voters.inForce == nil, let set = VoterSet(text: words[1]), set.number > 0 else {
                throw Refusal(text: "'voters' takes NUMBER:MILLISECONDS:NAME,NAME…, once")
            }
            voters.inForce = set
        case ("voters-from", 2):
            guard voters.inForce != nil, let from = number(words[1]) else {
                throw Refusal(text: "'voters-from' takes a number, behind 'voters'")
            }
            voters.acceptsFrom = from
        case ("voters-promised", 3):
            guard let round = number(words[1]), !words[2].isEmpty else {
                throw Refusal(text: "'voters-promised' takes a round and a name")
            }
            voters.promised = VoterBallot(round: round, proposer: String(words[2]))
        case ("voters-accepted", 4):
            guard let round = number(words[1]), !words[2].isEmpty,
                let set = VoterSet(text: words[3])
            else { throw Refusal(text: "'voters-accepted' takes a round, a name and a set") }
            voters.accepted = AcceptedVoters(
                ballot: VoterBallot(round: round, proposer: String(words[2])), set: set)
        default:
            throw Refusal(text: "'\(words[0])' has \(words.count - 1) words behind it")
        }
    }

    private func group(_ words: [Substring]) throws(Refusal) -> PersistentState.Group {
        guard words.count == 11, words[2] == "primary", words[5] == "config-epoch",
            words[7] == "voted-epoch", words[9] == "voted-for",
            let name = unescaped(words[1]), let primary = endpoint(words[3], words[4]),
            let configEpoch = number(words[6]), let votedEpoch = number(words[8])
        else {
            throw Refusal(
                text: "'group' takes NAME primary ADDRESS PORT config-epoch N voted-epoch N"
                    + " voted-for ID")
        }
        guard !groups.contains(where: { $0.name == name }) else {
            throw Refusal(text: "group '\(name)' stands there twice")
        }
        var votedFor: RunID?
        if words[10] != "none" {
            guard let id = RunID(words[10]) else {
                throw Refusal(text: "'voted-for' takes 40 hexadecimal digits or 'none'")
            }
            votedFor = id
        }
        return PersistentState.Group(
            name: name, primary: primary, configEpoch: configEpoch, votedEpoch: votedEpoch,
            votedFor: votedFor)
    }

    private func grant(_ words: [Substring], of group: String) -> LeaseGrant? {
        guard words.count == 8, unescaped(words[1]) == group, words[2] == "epoch",
            words[4] == "holder", words[6] == "promise-milliseconds",
            let epoch = number(words[3]), let holder = RunID(words[5]),
            let promise = number(words[7]), promise <= 3_600_000
        else { return nil }
        return LeaseGrant(epoch: epoch, holder: holder, promise: .milliseconds(Int(promise)))
    }

    private func pause(_ words: [Substring], of group: String) -> PauseWord? {
        guard words.count == 9, unescaped(words[1]) == group, words[2] == "number",
            words[4] == "author", words[7] == "milliseconds", let number = number(words[3]),
            let author = RunID(words[5]), words[6] == "paused" || words[6] == "resumed"
        else { return nil }
        var word = PauseWord(number: number, author: author, isPaused: words[6] == "paused")
        if words[8] != "none" {
            guard let length = self.number(words[8]),
                length <= UInt64(PauseWord.lengthMax.milliseconds)
            else { return nil }
            word.length = .milliseconds(Int(length))
        }
        return word
    }

    func state() -> PersistentState? {
        guard let id, let currentEpoch else { return nil }
        return PersistentState(
            id: id, life: life ?? 0, currentEpoch: currentEpoch, groups: groups,
            voters: voters)
    }

    private func number(_ word: Substring) -> UInt64? {
        word.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(word) : nil
    }

    private func endpoint(_ address: Substring, _ port: Substring) -> Endpoint? {
        guard let address = IPAddress(address), let number = number(port),
            let port = UInt16(exactly: number)
        else { return nil }
        return Endpoint(address: address, port: port)
    }

    private func unescaped(_ word: Substring) -> String? {
        if word == "%" { return "" }
        var bytes: [UInt8] = []
        var rest = word.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(Substring(rest.prefix(2)), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
