import Addressing
import MonotonicTime
import SentinelCore
import Stage

/// One node whose peers give answers that were decided beforehand: every outcome of a vote can be
/// tried in a moment. All answers are instant; the primary stops answering, the replica is fit.
struct Solo {
    /// What a peer answers once the primary is silent.
    enum Voter: CaseIterable {
        /// Sees it down and votes.
        case willing
        /// Sees it healthy, votes for nobody.
        case healthy
        /// Does not answer.
        case silent
        /// Sees it down, would not vote.
        case reluctant
        /// Sees it down, would vote, and has given its vote to another by then.
        case taken
        /// Sees it down, would vote, and falls silent.
        case dying

        var seesDown: Bool {
            switch self {
            case .willing, .reluctant, .taken, .dying: true
            case .healthy, .silent: false
            }
        }

        var wouldVote: Bool {
            switch self {
            case .willing, .taken, .dying: true
            case .healthy, .silent, .reluctant: false
            }
        }

        var votes: Bool { self == .willing }
    }

    let voters: [Voter]
    var sentinel: Sentinel
    private(set) var names: [Announcement.Name] = []
    private var now = Stage.start
    private var isPrimarySilent = false
    private var targets: [LinkID: LinkTarget] = [:]
    private var pending: [Event] = [.tick]

    init(voters: [Voter], quorum: Int) {
        self.voters = voters
        var group = Settings.Group(
            name: Stage.group, primary: Stage.server(1), quorum: quorum)
        group.downAfter = .milliseconds(250)
        let peers = voters.indices.map {
            Settings.Peer(name: "n\($0 + 3)", endpoint: Stage.node($0 + 3))
        }
        sentinel = Sentinel(
            settings: Settings(
                name: "n2", endpoint: Stage.node(2), peers: peers, groups: [group],
                localAddresses: [Stage.address(2)]),
            state: PersistentState(
                id: Stage.nodeID(2),
                groups: [
                    .init(
                        name: Stage.group, primary: Stage.server(1), replicas: [Stage.server(2)])
                ]),
            at: now)
    }

    /// Every way in which so many peers can behave; their order makes no difference.
    static func assignments(_ count: Int) -> [[Voter]] {
        var all: [[Int]] = [[]]
        for _ in 0..<count {
            all = all.flatMap { prefix in
                ((prefix.last ?? 0)..<Voter.allCases.count).map { prefix + [$0] }
            }
        }
        return all.map { $0.map { Voter.allCases[$0] } }
    }

    /// Until the primary has been silent for down-after and a first attempt is over.
    mutating func run() {
        pass(.milliseconds(60))
        isPrimarySilent = true
        pass(.milliseconds(350))
    }

    private mutating func pass(_ interval: Interval) {
        let end = now + interval
        while now < end {
            drain()
            now = now + .milliseconds(10)
            pending.append(.tick)
        }
        drain()
    }

    private mutating func drain() {
        var effects: [Effect] = []
        while !pending.isEmpty {
            let event = pending.removeFirst()
            effects.removeAll(keepingCapacity: true)
            sentinel.handle(event, at: now, effects: &effects)
            for effect in effects { carryOut(effect) }
        }
    }

    private mutating func carryOut(_ effect: Effect) {
        switch effect {
        case .open(let link, let target):
            targets[link] = target
            pending.append(.linkOpened(link))
        case .request(let link, let request):
            guard let reply = reply(to: request, on: link) else { return }
            pending.append(.replied(link, reply))
        case .persist(_, let sequence):
            pending.append(.persisted(sequence: sequence))
        case .announce(let announcement):
            names.append(announcement.name)
        case .close, .reply, .respond, .clientsMoved, .record, .watchProcess:
            break  // Nothing comes of these here.
        }
    }

    private func reply(to request: Request, on link: LinkID) -> Reply? {
        switch targets[link] {
        case .server(let endpoint, _):
            return serverReply(to: request, isPrimary: endpoint == Stage.server(1))
        case .peer(let endpoint):
            guard let index = voters.indices.first(where: { Stage.node($0 + 3) == endpoint })
            else { return nil }
            return peerReply(to: request, index)
        case .subscription, nil:
            return nil
        }
    }

    private func serverReply(to request: Request, isPrimary: Bool) -> Reply? {
        if isPrimary, isPrimarySilent { return nil }
        switch request {
        case .ping(let sentAt): return .pong(sentAt: sentAt)
        case .info(let sentAt):
            return .report(
                sentAt: sentAt,
                ServerReport(role: isPrimary ? .primary : .replica(of: Stage.server(1))))
        case .publish: return .published
        case .promote, .follow, .pauseWrites, .resumeWrites, .limitWrites, .tell: return nil
        }
    }

    private func peerReply(to request: Request, _ index: Int) -> Reply? {
        switch request {
        case .ping(let sentAt):
            return .pong(sentAt: sentAt)
        case .tell(.greeting, let sentAt):
            let hello = Hello(
                sender: Stage.node(index + 3), senderID: Stage.nodeID(index + 3),
                currentEpoch: 0, group: Stage.group, primary: Stage.server(1), configEpoch: 0)
            return .peer(.greeting(Greeting(hello: hello)), sentAt: sentAt)
        case .tell(.question(let question), let sentAt):
            return answer(question, voters[index]).map { .peer(.answer($0), sentAt: sentAt) }
        case .tell(.evidence, _), .tell(.withdrawal, _), .tell(.appointment, _),
            .tell(.lease, _), .tell(.release, _), .tell(.paused, _), .tell(.caughtUp, _),
            .tell(.voters, _), .tell(.votersInForce, _),
            .tell(.resumed, _), .info, .publish, .promote, .follow, .pauseWrites, .resumeWrites,
            .limitWrites:
            return nil
        }
    }

    private func answer(_ question: Question, _ voter: Voter) -> Answer? {
        if voter == .silent || (voter == .dying && question.kind == .vote) { return nil }
        let isGranted =
            switch question.kind {
            case .opinion: false
            case .preVote: voter.wouldVote
            case .vote: voter.votes
            }
        let isVote = question.kind == .vote
        return Answer(
            group: question.group, kind: question.kind, isDown: voter.seesDown,
            isGranted: isGranted,
            votedFor: isVote ? (isGranted ? question.candidate : Stage.nodeID(9)) : nil,
            votedEpoch: isVote ? question.epoch : 0, currentEpoch: 0)
    }
}
