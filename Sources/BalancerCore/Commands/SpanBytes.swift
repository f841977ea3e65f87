extension RawSpan {
    /// The byte at `offset`, bounds checked.
    @inline(__always)
    func octet(at offset: Int) -> UInt8 {
        unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// Whether the bytes from `offset` on begin with these.
    func begins(with prefix: StaticString, at offset: Int) -> Bool {
        guard offset >= 0, byteCount - offset >= prefix.utf8CodeUnitCount else { return false }
        return prefix.withUTF8Buffer { prefix in
            for index in prefix.indices where octet(at: offset + index) != prefix[index] {
                return false
            }
            return true
        }
    }
}
