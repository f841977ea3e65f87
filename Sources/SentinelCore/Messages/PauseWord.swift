public import MonotonicTime

/// The newest word of the operators about whether Baton leaves a group alone.
///
/// Each has a number that only grows; of two with one number that of the greater author counts, and
/// of one word its end. So whatever order they come in, all nodes end with the same.
public struct PauseWord: Equatable, Sendable {
    public var number: UInt64
    /// The node that was given the order.
    public var author: RunID
    /// False: the group was resumed, or the pause came to its end.
    public var isPaused: Bool
    /// For how long; in what one node tells another, what is left of it. `nil`: until somebody
    /// resumes the group.
    public var length: Interval?

    public init(number: UInt64, author: RunID, isPaused: Bool, length: Interval? = nil) {
        self.number = number
        self.author = author
        self.isPaused = isPaused
        self.length = length
    }

    /// The longest that may be asked for: who needs more says no length.
    public static let lengthMax = Interval.seconds(30 * 86_400)

    /// No operator gives so many; a greater number could never be overruled.
    static let numberMax: UInt64 = 1 << 62

    /// Said after the other, or decides against it.
    func isNewer(than other: PauseWord) -> Bool {
        (number, author) > (other.number, other.author)
    }

    /// The same order.
    func isSame(as other: PauseWord) -> Bool {
        number == other.number && author == other.author
    }
}

/// What an operator wants of a group for the time of some maintenance.
public enum PauseOrder: Equatable, Sendable {
    /// No failover by itself; `for`: at most so long.
    case pause(for: Interval?)
    case resume
}
