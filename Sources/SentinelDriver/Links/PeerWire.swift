internal import Addressing
internal import MonotonicTime
internal import RESP
internal import SentinelCore

/// What nodes say to each other, as requests and replies of RESP on Sentinel's port.
///
/// | message             | request                                                             |
/// |---------------------|---------------------------------------------------------------------|
/// | greeting            | `BATON GREET` and the words of the answer                           |
/// | question            | `BATON ASK kind group ip port epoch candidate forced voters`        |
/// | evidence            | `BATON EVIDENCE group ip port runid`                                |
/// | withdrawal          | `BATON WITHDRAW group epoch candidate`                              |
/// | appointment         | `BATON APPOINT group epoch ip port coordinated`                     |
/// | writes are paused   | `BATON PAUSED group epoch offset`                                   |
/// | replica caught up   | `BATON CAUGHT-UP group epoch offset`                                |
/// | writes go on        | `BATON RESUMED group epoch offset`                                  |
/// | request for a lease | `BATON LEASE group epoch holder life number milliseconds voters`    |
/// | release             | `BATON RELEASE group epoch holder life number`                      |
/// | next voter set      | `BATON VOTERS prepare\|accept round proposer set`                   |
/// | voter set in force  | `BATON VOTERS-IN-FORCE sender set founders`                         |
///
/// | answer              | array of bulk strings                                               |
/// |---------------------|---------------------------------------------------------------------|
/// | greeting            | `greeting hello under-way holds reaches own seen voters declared file` |
/// |                     | and, once there was a pause, `number author paused\|resumed length`  |
/// | answer              | `answer group kind down granted voted-for voted-epoch current-epoch`,|
/// |                     | behind it, when a replica's progress is known, `history offset`,    |
/// |                     | or `blind 0` when it ought to be and is not                         |
/// | taken note of       | `noted`                                                             |
/// | lease               | `lease group epoch granted\|reason retry`                           |
/// | next voter set      | `voters phase number round proposer granted accepted promised`      |
/// | refused             | `refused unknown-group\|stranger`                                   |
///
/// With a secret each of these travels under seal (``PeerSession``): behind `BATON HELLO nonce` and
/// its answer `hello nonce proof`, a request is `BATON SEALED tag request` and an answer
/// `sealed tag answer`, with the bytes of the request or answer as the last word.
///
/// Once a group was paused, a greeting has four more words: `number author paused|resumed
/// milliseconds|-`, of the newest order and what is left of its time.
/// `hello` is Sentinel's text of eight fields; `under-way` (a failover is), `holds` (the address)
/// and `reaches` (the clients' network) are `0` or `1`, `own` is the host's address there or `-`,
/// `seen` after how many milliseconds the write address was seen to be answered, or `-`;
/// `reason` is a ``LeaseRefusal``, `retry` a number of milliseconds or `-`;
/// `forced`, `down` and `granted` are `0` or `1`; `kind` is `opinion`, `pre-vote` or `vote`;
/// `voters` is the number of the voter set that counts, `declared` and `file` are digests of 16
/// hexadecimal digits, `set` is ``VoterSet/text``, `accepted` is `-` or `round/proposer/set`,
/// `promised` is `-` or `round/proposer`, `founders` is `-` or identities with commas between;
/// identities have 40 hexadecimal digits, `voted-for` is `-` before the first vote; epochs are
/// decimal. Anything that differs by a byte is not a message.
enum PeerWire {
    /// The arguments of the request, the command's name first.
    static func request(_ message: PeerMessage) -> [String] {
        switch message {
        case .greeting(let greeting):
            ["BATON", "GREET"] + words(greeting)
        case .question(let question):
            [
                "BATON", "ASK", question.kind.rawValue, question.group,
                question.primary.address.description, String(question.primary.port),
                String(question.epoch), question.candidate.description, flag(question.isForced),
                String(question.voters),
            ]
        case .evidence(let evidence):
            [
                "BATON", "EVIDENCE", evidence.group, evidence.server.address.description,
                String(evidence.server.port), evidence.runID.description,
            ]
        case .withdrawal(let withdrawal):
            [
                "BATON", "WITHDRAW", withdrawal.group, String(withdrawal.epoch),
                withdrawal.candidate.description,
            ]
        case .appointment(let appointment):
            [
                "BATON", "APPOINT", appointment.group, String(appointment.epoch),
                appointment.server.address.description, String(appointment.server.port),
                flag(appointment.isCoordinated),
            ]
        case .paused(let handover): ["BATON", "PAUSED"] + words(handover)
        case .caughtUp(let handover): ["BATON", "CAUGHT-UP"] + words(handover)
        case .resumed(let handover): ["BATON", "RESUMED"] + words(handover)
        case .lease(let lease):
            [
                "BATON", "LEASE", lease.group, String(lease.epoch), lease.holder.description,
                String(lease.stamp.life), String(lease.stamp.number),
                String(lease.promise.milliseconds), String(lease.voters),
            ]
        case .release(let release):
            [
                "BATON", "RELEASE", release.group, String(release.epoch),
                release.holder.description, String(release.stamp.life),
                String(release.stamp.number),
            ]
        case .voters(let request): VoterWire.words(request)
        case .votersInForce(let news):
            VoterWire.words(news)
        }
    }

    /// Reads the arguments behind `BATON`; `nil` for anything but the requests of the table.
    static func message(_ arguments: [[UInt8]]) -> PeerMessage? {
        guard let words = texts(arguments), let verb = words.first else { return nil }
        let rest = Array(words.dropFirst())
        switch verb.uppercased() {
        case "GREET":
            return greeting(rest).map(PeerMessage.greeting)
        case "ASK":
            guard rest.count == 8, let kind = Question.Kind(rawValue: rest[0]),
                let primary = endpoint(rest[2], rest[3]), let epoch = number(rest[4]),
                let candidate = RunID(rest[5]), let isForced = truth(rest[6]),
                let voters = number(rest[7])
            else { return nil }
            return .question(
                Question(
                    kind: kind, group: rest[1], primary: primary, epoch: epoch,
                    candidate: candidate, isForced: isForced, voters: voters))
        case "EVIDENCE":
            guard rest.count == 4, let server = endpoint(rest[1], rest[2]),
                let runID = RunID(rest[3])
            else { return nil }
            return .evidence(Evidence(group: rest[0], server: server, runID: runID))
        case "APPOINT":
            guard rest.count == 5, let epoch = number(rest[1]),
                let server = endpoint(rest[2], rest[3]), let isCoordinated = truth(rest[4])
            else { return nil }
            return .appointment(
                Appointment(
                    group: rest[0], epoch: epoch, server: server, isCoordinated: isCoordinated))
        case "PAUSED": return handover(rest).map(PeerMessage.paused)
        case "CAUGHT-UP": return handover(rest).map(PeerMessage.caughtUp)
        case "RESUMED": return handover(rest).map(PeerMessage.resumed)
        case "VOTERS": return VoterWire.request(rest).map(PeerMessage.voters)
        case "VOTERS-IN-FORCE":
            return VoterWire.news(rest).map(PeerMessage.votersInForce)
        case "WITHDRAW", "LEASE", "RELEASE":
            return promise(verb.uppercased(), rest)
        default:
            return nil
        }
    }

    /// What begins with a group, an epoch and a node.
    private static func promise(_ verb: String, _ words: [String]) -> PeerMessage? {
        guard words.count >= 3, let epoch = number(words[1]), let node = RunID(words[2]) else {
            return nil
        }
        if verb == "WITHDRAW" {
            guard words.count == 3 else { return nil }
            return .withdrawal(Withdrawal(group: words[0], epoch: epoch, candidate: node))
        }
        guard words.count >= 5, let life = number(words[3]), let number = number(words[4]) else {
            return nil
        }
        let stamp = LeaseStamp(life: life, number: number)
        switch (verb, words.count) {
        case ("RELEASE", 5):
            return .release(
                LeaseRelease(group: words[0], epoch: epoch, holder: node, stamp: stamp))
        case ("LEASE", 7):
            guard let promise = milliseconds(words[5]), promise > .zero,
                let voters = self.number(words[6])
            else { return nil }
            return .lease(
                LeaseRequest(
                    group: words[0], epoch: epoch, holder: node, promise: promise, stamp: stamp,
                    voters: voters))
        default:
            return nil
        }
    }

    /// The answer to such a request.
    static func value(_ reply: PeerReply) -> RESPValue {
        var words: [String]
        switch reply {
        case .greeting(let greeting):
            words = ["greeting"] + self.words(greeting)
        case .answer(let answer):
            words = [
                "answer", answer.group, answer.kind.rawValue, flag(answer.isDown),
                flag(answer.isGranted), answer.votedFor?.description ?? "-",
                String(answer.votedEpoch), String(answer.currentEpoch),
            ]
            switch answer.witness {
            case .nothing: break
            case .reach(let reach):
                words += [reach.history.description, String(reach.offset)]
            case .blind: words += blind
            }
        case .noted:
            words = ["noted"]
        case .lease(let lease):
            words = [
                "lease", lease.group, String(lease.epoch), lease.refusal?.rawValue ?? granted,
                lease.retryAfter.map { String(max($0.milliseconds, 0)) } ?? "-",
            ]
        case .voters(let reply):
            words = VoterWire.words(reply)
        case .refused(let refusal):
            words = ["refused", refusal.rawValue]
        }
        return .array(words.map { .bulk($0) })
    }

    /// Reads an answer; `nil` for anything that ``value(_:)`` does not write.
    static func reply(_ value: RESPValue) -> PeerReply? {
        guard case .array(let elements) = value else { return nil }
        var words: [String] = []
        for element in elements {
            guard case .bulkString = element, let word = element.string else { return nil }
            words.append(word)
        }
        guard let head = words.first else { return nil }
        let rest = Array(words.dropFirst())
        switch head {
        case "greeting":
            return greeting(rest).map(PeerReply.greeting)
        case "answer":
            return answer(rest).map(PeerReply.answer)
        case "noted":
            return rest.isEmpty ? .noted : nil
        case "lease":
            return lease(rest).map(PeerReply.lease)
        case "voters":
            return VoterWire.reply(rest).map(PeerReply.voters)
        case "refused":
            return rest.count == 1 ? Refusal(rawValue: rest[0]).map(PeerReply.refused) : nil
        default:
            return nil
        }
    }

    private static func answer(_ words: [String]) -> Answer? {
        guard words.count >= 7, let kind = Question.Kind(rawValue: words[1]),
            let witness = witness(words.dropFirst(7)),
            let isDown = truth(words[2]), let isGranted = truth(words[3]),
            let votedEpoch = number(words[5]), let currentEpoch = number(words[6])
        else { return nil }
        var votedFor: RunID?
        if words[4] != "-" {
            guard let id = RunID(words[4]) else { return nil }
            votedFor = id
        }
        return Answer(
            group: words[0], kind: kind, isDown: isDown, isGranted: isGranted, votedFor: votedFor,
            votedEpoch: votedEpoch, currentEpoch: currentEpoch, witness: witness)
    }

    private static func witness(_ words: ArraySlice<String>) -> Witness? {
        switch words.count {
        case 0: return .nothing
        case 2:
            if words.elementsEqual(blind) { return .blind }
            guard let history = RunID(words[words.startIndex]),
                let offset = number(words[words.startIndex + 1])
            else { return nil }
            return .reach(Reach(history: history, offset: offset))
        default: return nil
        }
    }

    /// As many words as a reach, so that a word that is missing or too many is noticed.
    private static let blind = ["blind", "0"]

    private static let granted = "granted"

    private static func lease(_ words: [String]) -> LeaseReply? {
        guard words.count == 4, let epoch = number(words[1]) else { return nil }
        var reply = LeaseReply(group: words[0], epoch: epoch)
        if words[2] != granted {
            guard let refusal = LeaseRefusal(rawValue: words[2]) else { return nil }
            reply.refusal = refusal
        }
        if words[3] != "-" {
            guard let retryAfter = milliseconds(words[3]) else { return nil }
            reply.retryAfter = retryAfter
        }
        return reply
    }

    /// Milliseconds; nobody looks for longer.
    private static let sightingMax = 60_000

    private static func words(_ greeting: Greeting) -> [String] {
        [
            greeting.hello.text, flag(greeting.isFailoverUnderWay), flag(greeting.holdsAddress),
            flag(greeting.reachesClients), greeting.clientAddress?.description ?? "-",
            greeting.addressSeenAfter.map { String(min($0.milliseconds, sightingMax)) } ?? "-",
        ] + VoterWire.words(greeting.standing) + (greeting.pause.map(words) ?? [])
    }

    private static func words(_ pause: PauseWord) -> [String] {
        [
            String(pause.number), pause.author.description, pause.isPaused ? "paused" : "resumed",
            pause.length.map { String(max($0.milliseconds, 0)) } ?? "-",
        ]
    }

    private static func pause(_ words: [String]) -> PauseWord? {
        guard words.count == 4, let number = number(words[0]), let author = RunID(words[1]),
            words[2] == "paused" || words[2] == "resumed"
        else { return nil }
        var word = PauseWord(number: number, author: author, isPaused: words[2] == "paused")
        if words[3] != "-" {
            guard let length = self.number(words[3]),
                length <= UInt64(PauseWord.lengthMax.milliseconds)
            else { return nil }
            word.length = .milliseconds(Int(length))
        }
        return word
    }

    private static func words(_ handover: Handover) -> [String] {
        [handover.group, String(handover.epoch), String(handover.offset)]
    }

    private static func handover(_ words: [String]) -> Handover? {
        guard words.count == 3, let epoch = number(words[1]), let offset = number(words[2]) else {
            return nil
        }
        return Handover(group: words[0], epoch: epoch, offset: offset)
    }

    private static func greeting(_ words: [String]) -> Greeting? {
        guard words.count == 9 || words.count == 13, let hello = Hello(text: words[0]),
            let isUnderWay = truth(words[1]), let holds = truth(words[2]),
            let reaches = truth(words[3]), let standing = VoterWire.standing(words[6..<9])
        else { return nil }
        var address: IPAddress?
        if words[4] != "-" {
            guard let own = IPAddress(words[4]) else { return nil }
            address = own
        }
        var seenAfter: Interval?
        if words[5] != "-" {
            guard let after = milliseconds(words[5]) else { return nil }
            seenAfter = after
        }
        var pause: PauseWord?
        if words.count == 13 {
            guard let word = Self.pause(Array(words[9...])) else { return nil }
            pause = word
        }
        return Greeting(
            hello: hello, isFailoverUnderWay: isUnderWay, holdsAddress: holds,
            reachesClients: reaches, clientAddress: address, standing: standing,
            addressSeenAfter: seenAfter, pause: pause)
    }

    private static func texts(_ arguments: [[UInt8]]) -> [String]? {
        var words: [String] = []
        for argument in arguments {
            guard let word = String(validating: argument, as: UTF8.self) else { return nil }
            words.append(word)
        }
        return words
    }

    static func flag(_ truth: Bool) -> String { truth ? "1" : "0" }

    static func truth(_ word: String) -> Bool? {
        word == "1" ? true : word == "0" ? false : nil
    }

    static func number(_ word: String) -> UInt64? {
        word.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(word) : nil
    }

    /// Nothing that nodes agree on lasts an hour.
    private static func milliseconds(_ word: String) -> Interval? {
        guard let count = number(word), count <= 3_600_000 else { return nil }
        return .milliseconds(Int(count))
    }

    private static func endpoint(_ address: String, _ port: String) -> Endpoint? {
        guard let address = IPAddress(address), let number = number(port),
            let port = UInt16(exactly: number), port != 0
        else { return nil }
        return Endpoint(address: address, port: port)
    }

    // MARK: Under seal

    /// The arguments of a request that carries another one, sealed.
    static func sealed(_ bytes: [UInt8], tag: String) -> [String] {
        ["BATON", "SEALED", tag, String(decoding: bytes, as: UTF8.self)]
    }

    /// What such a request carries, by its arguments; `nil` for any other.
    static func unsealed(_ arguments: [[UInt8]]) -> (bytes: [UInt8], tag: String)? {
        guard arguments.count == 4, arguments[0] == Array("BATON".utf8),
            arguments[1] == Array("SEALED".utf8),
            let tag = String(validating: arguments[2], as: UTF8.self)
        else { return nil }
        return (arguments[3], tag)
    }

    /// The reply that carries another one, sealed.
    static func sealed(reply: [UInt8], tag: String) -> RESPValue {
        .array([.bulk("sealed"), .bulk(tag), .bulkString(reply)])
    }

    /// What such a reply carries; `nil` for any other.
    static func unsealed(_ value: RESPValue) -> (bytes: [UInt8], tag: String)? {
        guard let parts = value.elements, parts.count == 3, parts[0].string == "sealed",
            let tag = parts[1].string, let bytes = parts[2].bytes
        else { return nil }
        return (bytes, tag)
    }

    /// The reply to `BATON HELLO nonce`.
    static func introduction(_ nonce: [UInt8], proof: String) -> RESPValue {
        .array([.bulk("hello"), .bulk(Hexadecimal.text(nonce)), .bulk(proof)])
    }

    /// The nonce and the proof of such a reply; `nil` for any other.
    static func introduction(_ value: RESPValue) -> (nonce: [UInt8], proof: String)? {
        guard let parts = value.elements, parts.count == 3, parts[0].string == "hello",
            let text = parts[1].string, let nonce = Hexadecimal.bytes(text),
            let proof = parts[2].string
        else { return nil }
        return (nonce, proof)
    }
}
