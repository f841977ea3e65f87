internal import Glibc

/// An open file descriptor that closes itself. Not copyable: one owner, one close.
public struct Descriptor: ~Copyable, Sendable {
    /// The descriptor's number, valid while this value lives.
    public let number: Int32

    /// Takes ownership of an open descriptor.
    public init(owning number: Int32) {
        self.number = number
    }

    deinit {
        _ = close(number)
    }
}
