/// The checksum of IEEE 802.3 (reflected polynomial 0xEDB88320), as zlib and PNG have it.
enum CRC32 {
    static func checksum(of bytes: some Sequence<UInt8>) -> UInt32 {
        var remainder = UInt32.max
        for byte in bytes {
            remainder ^= UInt32(byte)
            for _ in 0..<8 {
                remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1
            }
        }
        return ~remainder
    }

    /// Eight lower-case hexadecimal digits.
    static func hex(of bytes: some Sequence<UInt8>) -> String {
        let text = String(checksum(of: bytes), radix: 16)
        return String(repeating: "0", count: 8 - text.utf8.count) + text
    }
}
