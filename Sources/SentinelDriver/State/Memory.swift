internal import SentinelCore

/// What a node remembers when it starts.
struct Memory: Sendable {
    let file: StateFile
    let state: PersistentState
    /// Why the file must not be relied on or written; `nil` when all is well.
    let problem: String?

    /// Reads the file. A missing one makes a new node, which is on disk before this returns.
    init(_ file: StateFile) {
        self.file = file
        do throws(StateFileError) {
            state = try Self.remember(file)
            problem = nil
        } catch {
            // An identity for this life only: what is on disk may be another's by now.
            state = PersistentState(id: .drawn())
            problem = error.description
        }
    }

    private static func remember(_ file: StateFile) throws(StateFileError) -> PersistentState {
        if let known = try file.read() { return known }
        let new = PersistentState(id: .drawn())
        try file.write(new)
        return new
    }
}
