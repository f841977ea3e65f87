/// FNV-1a, word by word.
struct Digest: Sendable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func mix(_ word: UInt64) {
        // The rotation lets high bits reach low ones, which the multiplication alone does not.
        let mixed = (value ^ word) &* 0x0000_0100_0000_01B3
        value = mixed << 29 | mixed >> 35
    }

    mutating func mix(_ word: Int) {
        mix(UInt64(bitPattern: Int64(word)))
    }

    mutating func mix(_ text: String) {
        for byte in text.utf8 { mix(UInt64(byte)) }
    }
}
