import SentinelCore

/// A number stands for one voter set, and each set was accepted by a majority of the one before.
struct VoterSetChecker: Sendable {
    /// By number, from 1.
    private var sets: [VoterSet] = []

    /// - Parameter declaring: how many of these voters' files say so, or did.
    mutating func note(
        _ memory: VoterMemory, of host: Int, verdicts: inout Verdicts,
        declaring: (_ names: [String], VoterSet) -> Int
    ) {
        guard let set = memory.inForce else { return }
        let index = Int(clamping: set.number) - 1
        if index < sets.count {
            guard sets[index] != set else { return }
            verdicts.add(
                .oneVoterSet, group: 0,
                "number \(set.number) stands for \(sets[index].text) and for \(set.text)")
        } else if index == sets.count {
            if let last = sets.last, !set.isOneStep(from: last) {
                verdicts.add(
                    .oneVoterSet, group: 0,
                    "\(set.text) followed \(last.text), which is more than one step")
            }
            if let last = sets.last, declaring(last.names, set) <= last.names.count / 2 {
                verdicts.add(
                    .oneVoterSet, group: 0,
                    "\(set.text) is in force, and no majority of \(last.text) has such a file")
            }
            sets.append(set)
        } else {
            verdicts.add(
                .oneVoterSet, group: 0,
                "\(Scenario.name(ofHost: host)) counts by \(set.text), and nobody did by the "
                    + "number before")
        }
    }
}
