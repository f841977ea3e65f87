import SentinelCore

/// What the safety checkers are told: all that becomes durable and all that leaves a host.
extension World {
    mutating func noteDurable(of host: Int) {
        let durable = hosts[host].disk.durable
        let (hosts, files) = (hosts, files)
        voterSets.note(durable.voters, of: host, verdicts: &verdicts) { names, set in
            let version = files.firstIndex { $0.voters.isSame(as: set) } ?? files.count
            return hosts.count {
                names.contains(Scenario.name(ofHost: $0.number)) && $0.file.version >= version
            }
        }
        for state in durable.groups {
            guard let group = groupIndex(state.name) else { continue }
            configurations.note(
                noted(state.configEpoch), primary: state.primary, group: group, verdicts: &verdicts)
            if let candidate = state.votedFor, state.votedEpoch > 0 {
                noteVote(by: host, for: candidate, in: state.votedEpoch, group: group)
            }
        }
    }

    private func noted(_ epoch: Epoch) -> Epoch {
        mutation == .reusesEpoch ? min(epoch, 1) : epoch
    }

    private mutating func noteVote(
        by host: Int, for candidate: RunID, in epoch: Epoch, group: Int
    ) {
        elections.note(
            voter: host, for: candidate, in: epoch, group: group,
            majority: scenario.hostCount / 2 + 1, verdicts: &verdicts)
    }

    mutating func noteHello(_ hello: Hello, from host: Int) {
        guard let group = groupIndex(hello.group) else { return }
        object(
            DurabilityChecker.objection(to: hello, durable: hosts[host].disk.durable), host, group)
        configurations.note(
            hello.configEpoch, primary: hello.primary, group: group, verdicts: &verdicts)
    }

    mutating func noteQuestion(_ question: Question, from host: Int) {
        guard question.kind == .vote, let group = groupIndex(question.group) else { return }
        object(
            DurabilityChecker.objection(to: question, durable: hosts[host].disk.durable), host,
            group)
        noteVote(by: host, for: question.candidate, in: question.epoch, group: group)
    }

    mutating func noteAnswer(_ answer: Answer, from host: Int) {
        guard answer.kind == .vote, answer.isGranted, let group = groupIndex(answer.group),
            let candidate = answer.votedFor
        else { return }
        object(
            DurabilityChecker.objection(to: answer, durable: hosts[host].disk.durable), host, group)
        noteVote(by: host, for: candidate, in: answer.votedEpoch, group: group)
    }

    private mutating func object(_ objection: String?, _ host: Int, _ group: Int) {
        guard let objection else { return }
        verdicts.add(
            .durableFirst, group: group, "\(Scenario.name(ofHost: host)) \(objection)")
    }

    mutating func noteAnnouncement(_ announcement: Announcement, from host: Int) {
        guard announcement.name == .electedLeader,
            case .primary(let name, _) = announcement.subject, let group = groupIndex(name),
            let state = hosts[host].disk.durable.group(named: name)
        else { return }
        let id = hosts[host].disk.durable.id
        guard state.votedFor == id else {
            object("leads without a durable vote for itself", host, group)
            return
        }
        elections.noteLeader(
            host, in: state.votedEpoch, group: group, id: id, verdicts: &verdicts)
    }
}
