/// SplitMix64: the same seed makes the same documents on every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A file made of the pieces that matter to the grammar, so that most are odd in some way.
    mutating func file(pieceCountMax: Int) -> [UInt8] {
        let pieces: [[UInt8]] = [
            [0x20], [0x20], [0x09], [0x0A], [0x0A], [0x0D, 0x0A], [0x0D], [0x0B], [0x22], [0x22],
            [0x27], [0x5C], [0x23], [0x00], [0xFF], [0xC2], [0xC2, 0xA0], [0xE3, 0x80, 0x80],
            [0x65, 0xCC, 0x81], Array("port".utf8), Array("sentinel monitor a".utf8),
            Array("订单".utf8), Array(#"\x41"#.utf8), Array(#"\xff"#.utf8), Array(#"\n"#.utf8),
            Array("# Generated".utf8), Array(#""a b" "#.utf8), Array("'it\\'s' ".utf8),
        ]
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...pieceCountMax, using: &self) {
            bytes += pieces.randomElement(using: &self) ?? []
        }
        return bytes
    }

    /// A word that a program might be asked to store: any characters at all.
    mutating func word() -> String {
        let letters: [Character] = [
            "a", "z", "0", " ", "\t", "\n", "\r", "\"", "'", "\\", "#", "x", "\0", "\u{0B}",
            "\u{7F}", "\u{A0}", "\u{3000}", "é", "订", "😀",
        ]
        let count = Int.random(in: 0...6, using: &self)
        return String((0..<count).map { _ in letters.randomElement(using: &self) ?? "a" })
    }
}
