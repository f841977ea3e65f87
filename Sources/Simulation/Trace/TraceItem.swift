import Addressing
import MonotonicTime
import NodeCore
import SentinelCore

/// One thing that happened.
enum TraceItem: Sendable {
    enum ServerChange: Sendable {
        case started(isEmpty: Bool)
        case loaded, ended, hung, answersAgain, promoted, linkUp, linkDown, fullSync
        case follows(Endpoint)
    }

    enum DaemonChange: String, Sendable {
        case started = "node started"
        case ended = "node ended"
        case paused = "node paused"
        case resumed = "node goes on"
        case standsStill = "machine stands still"
        case goesOn = "machine goes on"
        case powerLost = "host lost power"
        case powered = "host has power again"
    }

    case event(NodeEvent)
    case effect(NodeEffect)
    case fault(FaultKind, begins: Bool)
    case healed
    /// The host got this version of the operator's file.
    case file(version: Int)
    case server(Endpoint, ServerChange)
    case daemon(DaemonChange)
    case durable(sequence: UInt64)
    case served(group: Int, holders: Int)

    /// Whether it is what happens all the time and explains nothing.
    var isRoutine: Bool {
        switch self {
        case .event(.sentinel(let event)): event.isRoutine
        case .effect(.sentinel(let effect)): effect.isRoutine
        case .event(.address(.done(_, .renew))), .effect(.address(.renew)): true
        case .event(.address), .event(.stoodStill), .effect(.address), .fault, .healed, .file,
            .server,
            .daemon, .durable,
            .served:
            false
        }
    }
}

extension SentinelCore.Event {
    fileprivate var isRoutine: Bool {
        switch self {
        case .tick, .replied(_, .pong), .replied(_, .report), .replied(_, .published), .heard,
            .replied(_, .limited(_, error: nil)),
            .replied(_, .peer(.greeting, _)), .asked(_, .greeting), .published, .asked(_, .lease),
            .asked(_, .votersInForce):
            true
        case .replied(_, .peer(.lease(let lease), _)): lease.refusal == nil
        case .replied(_, .peer(.answer(let answer), _)): answer.kind == .opinion
        case .asked(_, .question(let question)): question.kind == .opinion
        case .linkOpened, .linkClosed, .replied, .asked, .processEnded, .persisted,
            .persistFailed, .failoverOrdered, .pauseOrdered:
            false
        }
    }
}

extension SentinelCore.Effect {
    fileprivate var isRoutine: Bool {
        switch self {
        case .request(_, .ping), .request(_, .info), .request(_, .publish),
            .request(_, .limitWrites),
            .request(_, .tell(.greeting, _)), .request(_, .tell(.lease, _)), .reply(_, .greeting):
            true
        case .reply(_, .lease(let lease)): lease.refusal == nil
        case .request(_, .tell(.question(let question), _)): question.kind == .opinion
        case .reply(_, .answer(let answer)): answer.kind == .opinion
        case .open, .close, .request, .reply, .respond, .persist, .announce, .clientsMoved,
            .record, .watchProcess:
            false
        }
    }
}

extension TraceItem: CustomStringConvertible {
    /// What came to a node is marked `<`, what it wanted `>`.
    var description: String {
        switch self {
        case .event(.sentinel(let event)): "  < \(TraceText.text(event))"
        case .event(.address(let event)): "  < address \(TraceText.text(event))"
        case .event(.stoodStill): "  < stood still"
        case .effect(.sentinel(let effect)): "  > \(TraceText.text(effect))"
        case .effect(.address(let effect)):
            "  > address \(effect.parts.group) \(effect.parts.step.rawValue)"
        case .fault(let kind, let begins): "** \(kind.rawValue) \(begins ? "begins" : "ends")"
        case .healed: "** everything is healed"
        case .file(let version): "** file \(version)"
        case .server(let endpoint, let change): "server \(endpoint) \(TraceText.text(change))"
        case .daemon(let change): change.rawValue
        case .durable(let sequence): "state \(sequence) is durable"
        case .served(let group, let holders):
            "\(Scenario.groupNames[group]) is served by \(holders) host(s)"
        }
    }
}
