internal import CLinux

/// One message as the kernel sent it. Its payload is a slice of the datagram.
///
/// Nothing here can trap: every length is checked against what is left before it is used.
struct Message: Equatable {
    var type: UInt16
    var flags: UInt16
    var sequence: UInt32
    /// Of the socket that asked, or whose doing is reported; 0 for the kernel's own.
    var port: UInt32
    var payload: ArraySlice<UInt8>

    /// The messages of one datagram, in order; `nil` when a length is impossible.
    ///
    /// A tail shorter than a header is padding, as the kernel's own NLMSG_OK has it.
    static func scan(_ datagram: [UInt8]) -> [Message]? {
        var messages: [Message] = []
        var rest = datagram[...]
        while rest.count >= MessageWriter.headerLength {
            guard let length = rest.native(UInt32.self).map(Int.init),
                length >= MessageWriter.headerLength, length <= rest.count,
                let type = rest.native(UInt16.self, at: 4),
                let flags = rest.native(UInt16.self, at: 6),
                let sequence = rest.native(UInt32.self, at: 8),
                let port = rest.native(UInt32.self, at: 12)
            else { return nil }
            let payload = rest.prefix(length).dropFirst(MessageWriter.headerLength)
            messages.append(
                Message(
                    type: type, flags: flags, sequence: sequence, port: port, payload: payload))
            rest = rest.dropFirst(aligned(length))
        }
        return messages
    }

    /// The next multiple of four, which is where netlink goes on.
    static func aligned(_ length: Int) -> Int {
        (length + 3) & ~3
    }
}

/// One attribute of a message: a type and its value.
struct Attribute: Equatable {
    /// Without the flags for "nested" and "network byte order".
    var type: UInt16
    var value: ArraySlice<UInt8>

    private static let headerLength = 4
    /// NLA_TYPE_MASK.
    private static let typeMask: UInt16 = 0x3FFF

    /// The attributes in `bytes`, in order; `nil` when a length is impossible.
    static func scan(_ bytes: ArraySlice<UInt8>) -> [Attribute]? {
        var attributes: [Attribute] = []
        var rest = bytes
        while rest.count >= headerLength {
            guard let length = rest.native(UInt16.self).map(Int.init),
                length >= headerLength, length <= rest.count,
                let type = rest.native(UInt16.self, at: 2)
            else { return nil }
            attributes.append(
                Attribute(
                    type: type & typeMask, value: rest.prefix(length).dropFirst(headerLength)))
            rest = rest.dropFirst(Message.aligned(length))
        }
        return attributes
    }

    /// The value as text up to its terminating zero, invalid UTF-8 repaired.
    var text: String {
        String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension [Attribute] {
    /// The value of the first attribute of a type.
    func value(_ type: some BinaryInteger) -> ArraySlice<UInt8>? {
        first { $0.type == UInt16(truncatingIfNeeded: type) }?.value
    }

    func text(_ type: some BinaryInteger) -> String? {
        first { $0.type == UInt16(truncatingIfNeeded: type) }?.text
    }
}

extension ArraySlice<UInt8> {
    /// The integer in the host's byte order at an offset from the slice's start; `nil` when it
    /// does not lie wholly inside.
    func native<T: FixedWidthInteger>(_ type: T.Type, at offset: Int = 0) -> T? {
        guard offset >= 0, offset <= count, count - offset >= MemoryLayout<T>.size else {
            return nil
        }
        return withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
    }

    /// The same, in network byte order.
    func network<T: FixedWidthInteger>(_ type: T.Type, at offset: Int = 0) -> T? {
        native(type, at: offset).map { T(bigEndian: $0) }
    }
}
