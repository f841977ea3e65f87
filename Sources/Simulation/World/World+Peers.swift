import MonotonicTime
import NodeCore
import SentinelCore

/// What nodes send to servers and to each other, and the answers.
extension World {
    func isDeaf(_ host: Int) -> Bool {
        mutation == .deafNode && host == deafHost
    }

    /// Sends a request, if the link still stands; otherwise the node is about to be told.
    mutating func ask(_ link: LinkID, _ request: Request, from host: Int) {
        guard let slot = hosts[host].slot(of: link), connections[slot].stage == .open else {
            return
        }
        let request = mutated(request)
        switch request {
        case .publish(let hello):
            noteHello(hello, from: host)
        case .tell(.greeting(let greeting), _):
            noteHello(greeting.hello, from: host)
        case .tell(.question(let question), _):
            noteQuestion(question, from: host)
        case .limitWrites where mutation == .neverLimits:
            return
        case .promote where mutation == .neverFailsOver,
            .follow where mutation == .ignoresReturnedPrimary || mutation == .keepsEverything:
            return
        case .ping, .info, .promote, .follow, .pauseWrites, .resumeWrites, .limitWrites,
            .tell(.evidence, _),
            .tell(.withdrawal, _), .tell(.appointment, _), .tell(.paused, _), .tell(.caughtUp, _),
            .tell(.resumed, _), .tell(.lease, _), .tell(.release, _), .tell(.voters, _),
            .tell(.votersInForce, _):
            break
        }
        send(.request(request), slot, .outward)
    }

    private func mutated(_ request: Request) -> Request {
        if mutation == .forgetsPause, case .tell(.greeting(var greeting), let sentAt) = request {
            greeting.pause = nil
            return .tell(.greeting(greeting), sentAt: sentAt)
        }
        guard mutation == .reusesEpoch else { return request }
        switch request {
        case .publish(var hello):
            hello.configEpoch = min(hello.configEpoch, 1)
            return .publish(hello)
        case .tell(.greeting(var greeting), let sentAt):
            greeting.hello.configEpoch = min(greeting.hello.configEpoch, 1)
            return .tell(.greeting(greeting), sentAt: sentAt)
        case .ping, .info, .promote, .follow, .pauseWrites, .resumeWrites, .limitWrites, .tell:
            return request
        }
    }

    /// A node's port takes a request: the driver answers pings itself.
    mutating func peerReceives(_ payload: Payload, host: Int, slot: Int) {
        guard case .request(let request) = payload else {
            if case .finished = payload { release(slot) }
            return
        }
        switch request {
        case .ping(let sentAt):
            owe(slot, query: 0, sentAt: sentAt, reply: .pong(sentAt: sentAt))
        case .publish(let hello):
            // The answer goes into its place before the node can answer anything.
            owe(slot, query: 0, sentAt: Instant(nanoseconds: 0), reply: .published)
            if !isDeaf(host) { deliver(.published(hello.text), to: host) }
        case .tell(let message, let sentAt):
            queryCount += 1
            let query = queryCount << 16 | UInt64(slot)
            connections[slot].owed.append(.init(query: query, sentAt: sentAt, reply: nil))
            if mutation == .votesTwice, case .question(let question) = message {
                openVotes.append((query, question))
            }
            deliver(.asked(QueryID(number: query), deafened(message, for: host)), to: host)
        case .info(let sentAt):
            owe(
                slot, query: 0, sentAt: sentAt,
                reply: .reportRefused(sentAt: sentAt, error: "ERR unknown command 'INFO'"))
        case .pauseWrites(_, let sentAt), .resumeWrites(let sentAt),
            .limitWrites(_, _, let sentAt):
            owe(slot, query: 0, sentAt: sentAt, reply: .resumed(sentAt: sentAt))
        case .promote(let sentAt), .follow(_, let sentAt):
            owe(
                slot, query: 0, sentAt: sentAt,
                reply: .reconfigured(sentAt: sentAt, error: "ERR unknown command 'MULTI'"))
        }
    }

    private func deafened(_ message: PeerMessage, for host: Int) -> PeerMessage {
        guard isDeaf(host), case .greeting(var greeting) = message else { return message }
        greeting.hello.configEpoch = 0
        return .greeting(greeting)
    }

    private mutating func owe(_ slot: Int, query: UInt64, sentAt: Instant, reply: Reply) {
        connections[slot].owed.append(.init(query: query, sentAt: sentAt, reply: reply))
        payOff(slot)
    }

    mutating func answer(_ query: QueryID, _ reply: PeerReply, from host: Int) {
        var reply = reply
        if mutation == .votesTwice { grantAgain(&reply, query: query.number) }
        switch reply {
        case .greeting(var greeting):
            if mutation == .reusesEpoch {
                greeting.hello.configEpoch = min(greeting.hello.configEpoch, 1)
                reply = .greeting(greeting)
            }
            noteHello(greeting.hello, from: host)
        case .answer(let answer):
            noteAnswer(answer, from: host)
        case .lease(var lease):
            if mutation == .grantsTwice {
                lease.refusal = nil
                reply = .lease(lease)
            }
        case .noted, .refused, .voters:
            break
        }
        let slot = Int(query.number & 0xFFFF)
        guard connections.indices.contains(slot), connections[slot].target == .peer(host),
            let place = connections[slot].owed.firstIndex(where: { $0.query == query.number })
        else { return }
        let sentAt = connections[slot].owed[place].sentAt
        if mutation == .forgetsPause, case .greeting(var greeting) = reply,
            let group = groupIndex(greeting.hello.group)
        {
            let asker = connections[slot].client
            greeting.pause = hosts[asker].node.sentinel.groups[group].pause?.word
            reply = .greeting(greeting)
        }
        if case .greeting(var greeting) = reply, isDeaf(connections[slot].client) {
            greeting.hello.configEpoch = 0
            reply = .greeting(greeting)
        }
        connections[slot].owed[place].reply = .peer(reply, sentAt: sentAt)
        payOff(slot)
    }

    /// Answers leave in the order of the questions.
    private mutating func payOff(_ slot: Int) {
        while let first = connections[slot].owed.first, let reply = first.reply {
            connections[slot].owed.removeFirst()
            if connections[slot].stage == .open { send(.reply(reply), slot, .inward) }
        }
    }

    private mutating func grantAgain(_ reply: inout PeerReply, query: UInt64) {
        guard let place = openVotes.firstIndex(where: { $0.query == query }) else { return }
        let question = openVotes.remove(at: place).question
        guard case .answer(var answer) = reply, question.kind != .opinion else { return }
        answer.isGranted = true
        answer.isDown = true
        if question.kind == .vote {
            answer.votedFor = question.candidate
            answer.votedEpoch = question.epoch
        }
        reply = .answer(answer)
    }
}
