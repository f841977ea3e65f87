/// What is out of order with the voters and the hosts' files; nothing while all is well.
struct VotersText {
    let voters: NodeReport.Voters

    func lines() -> [StyledText] {
        var lines: [StyledText] = []
        if voters.number == 0 {
            let reason = voters.waitingFor.map { " \($0)" } ?? ""
            lines.append(
                StyledText(
                    "Nobody votes yet: the first time every host of the file must be heard, with "
                        + "the same hosts in its file."
                        + reason, .bad))
        } else if voters.names != voters.declared
            || voters.leaseMilliseconds != voters.declaredLeaseMilliseconds
        {
            lines.append(
                StyledText(
                    "In force are voters \(voters.number): \(inForce); this host's file says "
                        + "\(declared). It comes into force once a majority has the same file.",
                    .warning))
        }
        if !voters.differing.isEmpty {
            lines.append(
                StyledText(
                    "Not the same file as here: \(voters.differing.joined(separator: ", ")).",
                    .warning))
        }
        return lines
    }

    private var inForce: String {
        Self.text(voters.names, lease: voters.leaseMilliseconds)
    }

    private var declared: String {
        Self.text(voters.declared, lease: voters.declaredLeaseMilliseconds)
    }

    private static func text(_ names: [String], lease: Int?) -> String {
        names.joined(separator: ", ") + (lease.map { " (lease \($0) ms)" } ?? "")
    }
}
