internal import CLinux

/// Builds one netlink message: a header, a fixed part, then attributes.
///
/// Everything is padded to four octets as netlink demands. Header fields and rtnetlink's values
/// are in the host's byte order, nfnetlink's in the network's: the caller says which. The length is
/// filled in by ``finished(sequence:)``, and the sequence number belongs to the session alone.
struct MessageWriter: Equatable {
    /// Octets of `nlmsghdr`.
    static let headerLength = 16

    private var bytes: [UInt8] = []

    init(type: some BinaryInteger, flags: some BinaryInteger) {
        appendNative(UInt32(0))  // Length, later.
        appendNative(UInt16(truncatingIfNeeded: type))
        appendNative(UInt16(truncatingIfNeeded: flags))
        appendNative(UInt32(0))  // Sequence, later.
        appendNative(UInt32(0))  // Port: 0 asks the kernel to use the socket's own.
    }

    /// The whole message, with its length and the session's number for it.
    func finished(sequence: UInt32) -> [UInt8] {
        var message = bytes
        Self.overwrite(&message, at: 0, with: UInt32(message.count))
        Self.overwrite(&message, at: 8, with: sequence)
        return message
    }

    mutating func appendNative<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    mutating func appendNetwork<T: FixedWidthInteger>(_ value: T) {
        appendNative(value.bigEndian)
    }

    mutating func append(_ octets: [UInt8]) {
        bytes.append(contentsOf: octets)
    }

    mutating func attribute(_ type: some BinaryInteger, octets: [UInt8]) {
        attribute(type) { $0.append(octets) }
    }

    mutating func attribute<T: FixedWidthInteger>(_ type: some BinaryInteger, native value: T) {
        attribute(type) { $0.appendNative(value) }
    }

    mutating func attribute<T: FixedWidthInteger>(_ type: some BinaryInteger, network value: T) {
        attribute(type) { $0.appendNetwork(value) }
    }

    /// A string with its terminating zero.
    mutating func attribute(_ type: some BinaryInteger, text: String) {
        attribute(type, octets: Array(text.utf8) + [0])
    }

    /// An attribute that holds attributes.
    mutating func nested(_ type: some BinaryInteger, _ body: (inout MessageWriter) -> Void) {
        attribute(UInt16(truncatingIfNeeded: type) | Self.nestedFlag, body)
    }

    /// NLA_F_NESTED, which the header spells with a shift of a signed one.
    private static let nestedFlag: UInt16 = 0x8000

    private mutating func attribute(
        _ type: some BinaryInteger, _ body: (inout MessageWriter) -> Void
    ) {
        let start = bytes.count
        appendNative(UInt16(0))  // Length, below.
        appendNative(UInt16(truncatingIfNeeded: type))
        body(&self)
        // Our own messages are a few hundred octets; 64 KB would be a programming error.
        Self.overwrite(&bytes, at: start, with: UInt16(bytes.count - start))
        while !bytes.count.isMultiple(of: 4) { bytes.append(0) }
    }

    private static func overwrite<T: FixedWidthInteger>(
        _ bytes: inout [UInt8], at offset: Int, with value: T
    ) {
        withUnsafeBytes(of: value) { field in
            for (index, octet) in field.enumerated() { bytes[offset + index] = octet }
        }
    }
}
