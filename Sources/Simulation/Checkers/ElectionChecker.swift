import MonotonicTime
import SentinelCore

/// A voter votes for one candidate in an epoch, whatever became of it in between, and so at most
/// one candidate of an epoch has a majority.
///
/// A vote counts from the moment at which it is durable or anybody is told of it.
struct ElectionChecker: Sendable {
    private struct Vote: Sendable {
        var group: Int
        var epoch: Epoch
        var voter: Int
        var candidate: RunID
    }

    private var votes: [Vote] = []
    private var leaders: [Vote] = []

    mutating func note(
        voter: Int, for candidate: RunID, in epoch: Epoch, group: Int, majority: Int,
        verdicts: inout Verdicts
    ) {
        var count = 1
        // The newest votes are at the end, and almost every vote repeats one of them.
        for vote in votes.reversed() where vote.group == group && vote.epoch == epoch {
            if vote.voter == voter {
                guard vote.candidate != candidate else { return }
                verdicts.add(
                    .oneVote, group: group,
                    "\(Scenario.name(ofHost: voter)) voted for two nodes in epoch \(epoch)")
            } else if vote.candidate == candidate {
                count += 1
            }
        }
        let vote = Vote(group: group, epoch: epoch, voter: voter, candidate: candidate)
        votes.append(vote)
        guard count >= majority else { return }
        if leaders.contains(where: {
            $0.group == group && $0.epoch == epoch && $0.candidate != candidate
        }) {
            verdicts.add(.oneLeader, group: group, "epoch \(epoch) has two leaders by vote")
        }
        leaders.append(vote)
    }

    /// A node says that it leads.
    mutating func noteLeader(
        _ host: Int, in epoch: Epoch, group: Int, id: RunID, verdicts: inout Verdicts
    ) {
        if leaders.contains(where: {
            $0.group == group && $0.epoch == epoch && $0.candidate != id
        }) {
            verdicts.add(
                .oneLeader, group: group,
                "\(Scenario.name(ofHost: host)) leads epoch \(epoch), which another leads")
        }
        leaders.append(Vote(group: group, epoch: epoch, voter: host, candidate: id))
    }
}
