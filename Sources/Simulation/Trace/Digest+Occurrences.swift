import Addressing
import MonotonicTime
import NodeCore
import SentinelCore

extension Digest {
    mutating func mix(_ occurrence: Occurrence, at moment: Moment) {
        mix(UInt64(bitPattern: moment.nanoseconds))
        let word: (tag: Int, first: Int, second: Int) =
            switch occurrence {
            case .tick(let host, let generation): (1, Int(host), Int(generation))
            case .connect(let key): (2, Int(key.slot), Int(key.generation))
            case .connectTimedOut(let key): (3, Int(key.slot), Int(key.generation))
            case .arrival(let key, let way): (4 + 100 * Int(way.rawValue), Int(key.slot), 0)
            case .diskDone(let host, let life): (5, Int(host), Int(life))
            case .diskPretends(let host, let life, _): (6, Int(host), Int(life))
            case .addressStep(let host, let group, _): (7, Int(host), Int(group))
            case .processEnded(let host, _, let server, _): (8, Int(host), Int(server))
            case .startDaemon(let host, let boot): (9, Int(host), Int(boot))
            case .startServer(let server, let boot): (10, Int(server), Int(boot))
            case .loaded(let server, let life): (11, Int(server), Int(life))
            case .serverCron(let server, let life): (12, Int(server), Int(life))
            case .replicated(let server, let generation): (13, Int(server), Int(generation))
            case .synchronised(let server, let generation): (14, Int(server), Int(generation))
            case .write(let group): (15, Int(group), 0)
            case .faultBegins(let index): (16, Int(index), 0)
            case .faultEnds(let index): (17, Int(index), 0)
            case .healEverything: (18, 0, 0)
            case .fileArrives(let host, let version): (21, Int(host), Int(version))
            case .check: (19, 0, 0)
            case .leaseEnds(let host, let group): (20, Int(host), Int(group))
            case .clockSet(let host, let life): (23, Int(host), Int(life))
            case .soleAnswerDue(let group): (24, Int(group), 0)
            case .strangerHeard(let host, let group, _): (22, Int(host), Int(group))
            case .addressVanished(let host, let group, _): (25, Int(host), Int(group))
            }
        mix(word.tag << 40 ^ word.first << 32 ^ word.second)
    }

    mutating func mix(_ effect: NodeEffect, host: Int) {
        mix(host)
        switch effect {
        case .sentinel(let effect):
            mix(effect)
        case .address(let effect):
            let parts = effect.parts
            mix(parts.step.rawValue)
            mix(parts.group)
            mix(UInt64(bitPattern: effect.deadline?.nanoseconds ?? 0))
        }
    }

    private mutating func mix(_ effect: SentinelCore.Effect) {
        switch effect {
        case .open(let link, _): mix(1 << 40 ^ Int(link.number))
        case .close(let link): mix(2 << 40 ^ Int(link.number))
        case .request(let link, let request):
            mix(3 << 40 ^ Int(link.number))
            mix(request)
        case .reply(let query, let reply):
            mix(4 << 40 ^ Int(truncatingIfNeeded: query.number))
            mix(reply)
        case .respond(_, let error): mix(error ?? "accepted")
        case .persist(let state, let sequence):
            mix(6 << 40 ^ Int(truncatingIfNeeded: sequence))
            mix(state.currentEpoch)
            for group in state.groups {
                mix(group.configEpoch)
                mix(group.votedEpoch)
                mix(UInt64(group.votedFor?.low ?? 0))
                mix(group.replicas.count)
                mix(UInt64(group.primary.port))
                mix(group.grant?.epoch ?? 0)
                mix(UInt64(group.grant?.holder.low ?? 0))
            }
        case .announce(let announcement):
            mix(announcement.name.rawValue)
            mix(announcement.detail)
        case .record(let record): mix(record.epoch)
        case .clientsMoved(let group, let part, _, let primary):
            mix(group)
            mix(part.rawValue)
            mix(UInt64(primary.port))
        case .watchProcess(_, let processID): mix(8 << 40 ^ Int(processID))
        }
    }

    private mutating func mix(_ request: Request) {
        switch request {
        case .ping(let sentAt): mix(UInt64(bitPattern: sentAt.nanoseconds))
        case .info: mix(2)
        case .publish(let hello): mix(hello)
        case .promote: mix(4)
        case .follow(let primary, _): mix(5 << 40 ^ Int(primary.port))
        case .pauseWrites: mix(12)
        case .resumeWrites: mix(13)
        case .limitWrites(let limit, _, _): mix(17 << 40 ^ limit.replicas)
        case .tell(.paused(let handover), _): mix(14 << 40 ^ Int(clamping: handover.offset))
        case .tell(.caughtUp(let handover), _): mix(15 << 40 ^ Int(clamping: handover.offset))
        case .tell(.resumed(let handover), _): mix(16 << 40 ^ Int(clamping: handover.epoch))
        case .tell(.greeting(let greeting), _): mix(greeting.hello)
        case .tell(.question(let question), _): mix(7 << 40 ^ Int(clamping: question.epoch))
        case .tell(.evidence(let evidence), _): mix(evidence.runID.middle)
        case .tell(.withdrawal(let withdrawal), _): mix(8 << 40 ^ Int(clamping: withdrawal.epoch))
        case .tell(.appointment(let appointment), _):
            mix(9 << 40 ^ Int(clamping: appointment.epoch))
        case .tell(.lease(let lease), _): mix(10 << 40 ^ Int(clamping: lease.epoch))
        case .tell(.release(let release), _): mix(11 << 40 ^ Int(clamping: release.epoch))
        case .tell(.voters(let request), _):
            mix(request.ballot.round)
            mix(request.set.digest)
        case .tell(.votersInForce(let news), _): mix(news.set.number)
        }
    }

    private mutating func mix(_ reply: PeerReply) {
        switch reply {
        case .greeting(let greeting): mix(greeting.hello)
        case .answer(let answer):
            mix(answer.votedEpoch)
            mix((answer.isGranted ? 1 : 0) + (answer.isDown ? 2 : 0))
        case .noted: mix(3)
        case .lease(let lease):
            mix(lease.refusal?.rawValue ?? "granted")
            mix(lease.epoch)
        case .voters(let reply): mix(reply.number << 1 | (reply.isGranted ? 1 : 0))
        case .refused(let refusal): mix(refusal.rawValue)
        }
    }

    private mutating func mix(_ hello: Hello) {
        mix(hello.currentEpoch)
        mix(hello.configEpoch)
        mix(UInt64(hello.primary.port))
    }
}
