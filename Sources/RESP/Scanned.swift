/// What a scanner made of a connection's unread bytes.
///
/// In both cases the first `consumed` bytes belong to the scanner: the caller discards them, and
/// the next scan is fed what is left, with whatever has arrived behind it.
public enum Scanned<Value: Sendable>: Sendable {
    /// A whole value; more may follow it.
    case value(Value, consumed: Int)
    /// No whole value yet. Parts that were understood are consumed all the same.
    case needsMore(consumed: Int)
}

extension Scanned: Equatable where Value: Equatable {}
