import SentinelCore

/// Nothing leaves a host that depends on what its disk does not hold.
enum DurabilityChecker {
    /// What is wrong with saying `hello` from a disk that holds `durable`; `nil` when nothing is.
    static func objection(to hello: Hello, durable: PersistentState) -> String? {
        let held = durable.group(named: hello.group)?.configEpoch ?? 0
        return hello.configEpoch > held
            ? "told of configuration \(hello.configEpoch) when its disk held \(held)" : nil
    }

    static func objection(to answer: Answer, durable: PersistentState) -> String? {
        guard answer.kind == .vote, answer.isGranted else { return nil }
        let held = durable.group(named: answer.group)
        guard !rests(answer.votedFor, answer.votedEpoch, on: held) else { return nil }
        return "told of its vote in epoch \(answer.votedEpoch) when its disk held "
            + "a vote in epoch \(held?.votedEpoch ?? 0)"
    }

    static func objection(to question: Question, durable: PersistentState) -> String? {
        guard question.kind == .vote else { return nil }
        let held = durable.group(named: question.group)
        guard !rests(question.candidate, question.epoch, on: held) else { return nil }
        return "asked for votes in epoch \(question.epoch) when its disk held "
            + "a vote in epoch \(held?.votedEpoch ?? 0)"
    }

    /// Whether a node that started from this state could not vote for another in that epoch. A
    /// newer vote serves as well as the vote itself.
    private static func rests(
        _ candidate: RunID?, _ epoch: Epoch, on held: PersistentState.Group?
    ) -> Bool {
        guard let held else { return false }
        return held.votedEpoch > epoch || held.votedEpoch == epoch && held.votedFor == candidate
    }
}

extension PersistentState {
    func group(named name: String) -> Group? {
        for group in groups where group.name == name { return group }
        return nil
    }
}
