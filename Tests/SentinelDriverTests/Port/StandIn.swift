import Addressing
import DropInCore
import MonotonicTime
import NIOCore
import RESP
import SentinelCore
import SentinelFile
import SentinelPort

@testable import SentinelDriver

/// A Sentinel without links: it shows what it was given to show, and carries orders out on that.
final class StandIn: PortService {
    var shown: NodePortrait
    /// Names that have an address.
    var names: [String: IPAddress] = [:]
    private(set) var hellos: [String] = []
    private(set) var levels: [LogLevel] = []
    private(set) var isAskedToEnd = false
    /// Answers that are given when the test says so, in place of at once.
    var mustWait = false
    private var waiting: [() -> Void] = []
    private var leaders: [String: (leader: RunID, epoch: Epoch)] = [:]

    init(_ portrait: NodePortrait) { shown = portrait }

    func portrait() -> NodePortrait { shown }
    func portrait(of group: String) -> GroupPortrait? {
        shown.groups.first { $0.master.name == group }
    }
    func pendingScripts() -> [PendingScript] { [] }
    func receiveHello(_ text: String) { hellos.append(text) }
    func setLogLevel(_ level: LogLevel) { levels.append(level) }
    func log(_ level: LogLevel, _ text: String) {}
    func shutDown() { isAskedToEnd = true }

    func resolve(_ name: String, answer: @escaping (IPAddress?) -> Void) { answer(names[name]) }

    func ask(_ question: DownQuestion, answer: @escaping (DownAnswer) -> Void) {
        let group = shown.groups.first {
            $0.master.host == question.primary.host && $0.master.port == question.primary.port
        }
        guard let group else {
            return answer(DownAnswer(isDown: false, leader: nil, leaderEpoch: 0))
        }
        var given = DownAnswer(
            isDown: group.master.subjectivelyDownFor != nil, leader: nil, leaderEpoch: 0)
        if let candidate = question.candidate {
            let name = group.master.name
            if question.currentEpoch > leaders[name]?.epoch ?? 0 {
                leaders[name] = (candidate, question.currentEpoch)
            }
            given.leader = leaders[name]?.leader
            given.leaderEpoch = leaders[name]?.epoch ?? 0
        }
        answer(given)
    }

    func order(_ order: Order, answer: @escaping (OrderOutcome) -> Void) {
        let outcome = outcome(of: order)
        if mustWait {
            waiting.append { answer(outcome) }
        } else {
            answer(outcome)
        }
    }

    /// Gives the answers that wait.
    func release() {
        let answers = waiting
        waiting = []
        for answer in answers { answer() }
    }

    private func index(_ name: String) -> Int? {
        shown.groups.firstIndex { $0.master.name == name }
    }

    private func outcome(of order: Order) -> OrderOutcome {
        switch order {
        case .flush: return .done
        case .monitor(let name, let place, let quorum):
            guard index(name) == nil else { return .refused(.duplicateName) }
            shown.groups.append(Self.group(name, place, quorum))
            return .done
        case .remove(let name):
            guard let index = index(name) else { return .refused(.unknownMaster) }
            shown.groups.remove(at: index)
            return .done
        case .set(let name, let options):
            guard let index = index(name) else { return .refused(.unknownMaster) }
            for option in options { set(option, of: index) }
            return .done
        case .reset(let pattern):
            let glob = GlobPattern(Array(pattern.utf8))
            return .reset(count: shown.groups.count { glob.matches(Array($0.master.name.utf8)) })
        case .failover(let name, isCoordinated: _):
            guard let index = index(name) else { return .refused(.unknownMaster) }
            return shown.groups[index].replicas.isEmpty ? .refused(.noGoodReplica) : .done
        case .configure(let options):
            for option in options { configure(option) }
            return .done
        case .setPeriods(let changes):
            for change in changes { shown.periods[change.period] = change.interval }
            return .done
        case .simulateFailure(let simulation):
            shown.simulation = simulation
            return .done
        }
    }

    private static func group(_ name: String, _ place: Place, _ quorum: Int) -> GroupPortrait {
        var master = InstancePortrait(
            kind: .master(
                MasterFacts(
                    configEpoch: 0, replicaCount: 0, sentinelCount: 0,
                    settings: MasterSettings(name: name, quorum: quorum))),
            name: name, host: place.host, port: place.port, runID: nil, flags: ["master"],
            downAfter: .seconds(30))
        master.role = RoleFacts(infoAge: nil, reportsMaster: true, reportedFor: .zero)
        var group = GroupPortrait(
            master: master, clientHost: place.host, clientPort: place.port)
        group.reports = [GroupPortrait.CachedReport(age: .zero, text: nil)]
        return group
    }

    private func set(_ option: MasterOption, of index: Int) {
        guard case .master(var facts) = shown.groups[index].master.kind else { return }
        switch option {
        case .downAfter(let interval):
            facts.settings.downAfter = interval
            shown.groups[index].master.downAfter = interval
        case .failoverTimeout(let interval): facts.settings.failoverTimeout = interval
        case .parallelSyncs(let count): facts.settings.parallelSyncs = count
        case .quorum(let quorum): facts.settings.quorum = quorum
        case .notificationScript(let path): facts.settings.notificationScript = path
        case .clientReconfigScript(let path): facts.settings.clientReconfigScript = path
        case .authPassword, .authUser, .renamedCommand, .rebootDownAfter: break
        }
        shown.groups[index].master.kind = .master(facts)
    }

    private func configure(_ option: GlobalOption) {
        switch option {
        case .resolvesHostnames(let isOn): shown.globals.resolvesHostnames = isOn
        case .announcesHostnames(let isOn): shown.globals.announcesHostnames = isOn
        case .announceHost(let host): shown.globals.announceHost = host
        case .announcePort(let port): shown.globals.announcePort = port
        case .sentinelUser(let user): shown.globals.sentinelUser = user
        case .sentinelPassword(let password): shown.globals.sentinelPassword = password
        }
    }
}

extension PortParts {
    /// A port before a stand-in, on that loop. To be called on it.
    static func standIn(
        _ service: StandIn, _ configuration: SentinelConfiguration, _ settings: PortSettings,
        eventLoop: any EventLoop
    ) throws -> PortParts {
        let parts = PortParts()
        try parts.make(configuration, settings, service: service, eventLoop: eventLoop)
        return parts
    }
}
