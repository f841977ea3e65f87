/// Remembers what was already logged, so that garbage from outside is said once and not for ever.
struct Complaints: Sendable {
    private var said: [String] = []

    /// More different complaints than this are no longer told apart: the oldest may be said again.
    static let countMax = 64

    /// True the first time.
    mutating func isNew(_ complaint: String) -> Bool {
        guard !said.contains(complaint) else { return false }
        if said.count == Self.countMax { said.removeFirst() }
        said.append(complaint)
        return true
    }
}
