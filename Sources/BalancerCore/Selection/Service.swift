/// What a listener gives its clients.
public enum Service: UInt8, Equatable, Sendable, CaseIterable {
    /// Everything goes to servers that are fit to be read from.
    case read
    /// Everything goes to whoever takes writes.
    case write
    /// What changes nothing goes to servers that are fit to be read from, all else to whoever takes
    /// writes.
    case auto
}
