import Addressing
import MonotonicTime
import NodeCore
import SentinelCore

/// Short words for events and effects. Nodes' identities are shown as hosts' names.
enum TraceText {
    static func text(_ change: TraceItem.ServerChange) -> String {
        switch change {
        case .started(let isEmpty): isEmpty ? "started, without data" : "started"
        case .loaded: "has loaded its data"
        case .ended: "ended"
        case .hung: "hangs"
        case .answersAgain: "answers again"
        case .promoted: "is primary"
        case .linkUp: "replicates"
        case .linkDown: "lost its primary"
        case .fullSync: "begins a full synchronisation"
        case .follows(let primary): "follows \(primary)"
        }
    }

    static func text(_ event: SentinelCore.Event) -> String {
        switch event {
        case .tick: "tick"
        case .linkOpened(let link): "link \(link.number) opened"
        case .linkClosed(let link, let failure): "link \(link.number) closed: \(failure)"
        case .replied(let link, let reply): "link \(link.number) replied \(text(reply))"
        case .heard(let link, let hello): "link \(link.number) heard \(hello)"
        case .asked(let query, let message): "asked #\(query.number) \(text(message))"
        case .published(let hello): "published here \(hello)"
        case .processEnded(let server, let processID): "process \(processID) of \(server) ended"
        case .persisted(let sequence): "persisted \(sequence)"
        case .persistFailed(let sequence, let reason): "persist \(sequence) failed: \(reason)"
        case .pauseOrdered(let query, let group, let order):
            "ordered #\(query.number) \(order == .resume ? "resume" : "pause") \(group)"
        case .failoverOrdered(let query, let group, let order):
            "ordered #\(query.number) \(order.isCoordinated ? "coordinated " : "")failover \(group)"
        }
    }

    static func text(_ event: AddressEvent) -> String {
        switch event {
        case .found(let group, let until):
            "\(group) \(until == nil ? "has no lease" : "still has a lease")"
        case .network(let group, _, let isReached):
            "\(group) "
                + (isReached.map { $0 ? "reaches" : "does not reach" } ?? "may reach")
                + " its clients"
        case .claimed(let group, let hardware, _): "\(group) is claimed by \(hardware)"
        case .lapsed(let group): "\(group) lapsed"
        case .done(let group, let step): "\(group) \(step.rawValue) done"
        case .failed(let group, let step, let reason): "\(group) \(step.rawValue) failed: \(reason)"
        case .sighted(let group, _, let sighting):
            "\(group) is \(sighting.isConfirmed ? "" : "not ")seen at its holder"
        case .tampered(let group, let program):
            "\(group) was laid hands on by \(program ?? "somebody")"
        case .vanished(let group): "\(group) vanished"
        }
    }

    static func text(_ effect: SentinelCore.Effect) -> String {
        switch effect {
        case .open(let link, let target): "open link \(link.number) to \(text(target))"
        case .close(let link): "close link \(link.number)"
        case .request(let link, let request): "link \(link.number) \(text(request))"
        case .reply(let query, let reply): "reply #\(query.number) \(text(reply))"
        case .respond(let query, let error): "respond #\(query.number) \(error ?? "accepted")"
        case .persist(let state, let sequence): "persist \(sequence) \(text(state))"
        case .announce(let announcement): "\(announcement.name.level.rawValue) \(announcement.line)"
        case .record(let record): "record \(record.group) epoch \(record.epoch)"
        case .clientsMoved(let group, let part, _, let primary):
            "tell clients of \(group) as \(part.rawValue): \(primary)"
        case .watchProcess(let server, let processID): "watch process \(processID) of \(server)"
        }
    }

    static func text(_ target: LinkTarget) -> String {
        switch target {
        case .server(let endpoint, let group): "server \(endpoint) of \(group)"
        case .subscription(let endpoint, let group): "hellos of \(endpoint) of \(group)"
        case .peer(let endpoint): "peer \(endpoint)"
        }
    }

    static func text(_ request: Request) -> String {
        switch request {
        case .ping: "ping"
        case .info: "info"
        case .publish(let hello): "publish \(text(hello))"
        case .promote: "PROMOTE"
        case .follow(let primary, _): "FOLLOW \(primary)"
        case .pauseWrites(let length, _): "PAUSE WRITES \(length.milliseconds)"
        case .resumeWrites: "RESUME WRITES"
        case .limitWrites(let limit, _, _): "LIMIT WRITES to \(limit.replicas) replicas"
        case .tell(let message, _): "tell \(text(message))"
        }
    }

    static func text(_ reply: Reply) -> String {
        switch reply {
        case .pong: "pong"
        case .pongRefused(_, let error): "to ping \(error)"
        case .report(_, let report):
            "report \(report.isPrimary ? "primary" : "replica") offset \(report.offset)"
        case .reportRefused(_, let error): "to info \(error)"
        case .published: "published"
        case .reconfigured(_, let error): "reconfigured \(error ?? "well")"
        case .paused(_, let error): "paused \(error ?? "well")"
        case .resumed: "resumed"
        case .limited(_, let error): "limited \(error ?? "well")"
        case .peer(let reply, _): text(reply)
        }
    }

    static func text(_ message: PeerMessage) -> String {
        switch message {
        case .greeting(let greeting): text(greeting)
        case .question(let question):
            "\(question.kind.rawValue)? \(question.group) \(question.primary) epoch "
                + "\(question.epoch) for \(name(question.candidate))"
                + (question.isForced ? " forced" : "")
        case .evidence(let evidence): "evidence \(evidence.group) \(evidence.server)"
        case .withdrawal(let withdrawal):
            "withdraw \(withdrawal.group) epoch \(withdrawal.epoch) of "
                + name(withdrawal.candidate)
        case .appointment(let appointment):
            "appoint \(appointment.server) of \(appointment.group) in \(appointment.epoch)"
                + (appointment.isCoordinated ? ", coordinated" : "")
        case .paused(let handover): "writes paused, \(text(handover))"
        case .caughtUp(let handover): "caught up, \(text(handover))"
        case .resumed(let handover): "writes go on, \(text(handover))"
        case .lease(let request):
            "lease? \(request.group) epoch \(request.epoch) for \(name(request.holder))"
        case .release(let release):
            "release \(release.group) epoch \(release.epoch) by \(name(release.holder))"
        case .voters(let request):
            "\(request.phase.rawValue) voters \(request.set.text) in "
                + "\(request.ballot.round) of \(request.ballot.proposer)"
        case .votersInForce(let news): "voters \(news.set.text) are in force"
        }
    }

    private static func text(_ handover: Handover) -> String {
        "\(handover.group) in \(handover.epoch) at \(handover.offset)"
    }

    static func text(_ reply: PeerReply) -> String {
        switch reply {
        case .greeting(let greeting): text(greeting)
        case .answer(let answer):
            "\(answer.kind.rawValue) \(answer.isGranted ? "granted" : "not granted")"
                + "\(answer.isDown ? ", down" : ""), voted \(name(answer.votedFor)) in "
                + "\(answer.votedEpoch), epoch \(answer.currentEpoch)"
        case .noted: "noted"
        case .lease(let reply):
            "lease \(reply.group) epoch \(reply.epoch) \(reply.refusal?.rawValue ?? "granted")"
        case .voters(let reply):
            "voters \(reply.number) in \(reply.ballot.round): "
                + (reply.isGranted ? "granted" : "not granted")
        case .refused(let refusal): "refused: \(refusal.rawValue)"
        }
    }

    static func text(_ greeting: Greeting) -> String {
        "greeting \(text(greeting.hello))" + (greeting.isFailoverUnderWay ? ", failover" : "")
            + (greeting.holdsAddress ? ", holds the address" : "")
    }

    static func text(_ hello: Hello) -> String {
        "\(hello.group) is \(hello.primary) since \(hello.configEpoch), epoch \(hello.currentEpoch)"
    }

    static func text(_ state: PersistentState) -> String {
        let groups = state.groups.map {
            "\($0.name) \($0.primary) since \($0.configEpoch), voted \(name($0.votedFor)) in "
                + "\($0.votedEpoch)"
        }
        return "epoch \(state.currentEpoch); " + groups.joined(separator: "; ")
    }

    /// A node's identity in a world carries its host's number.
    static func name(_ id: RunID?) -> String {
        guard let id else { return "nobody" }
        return id.high == World.nodeIdentity ? Scenario.name(ofHost: Int(id.low)) : id.description
    }
}
