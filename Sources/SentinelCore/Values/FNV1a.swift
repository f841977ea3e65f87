/// Tells texts apart in 64 bits (Fowler, Noll, Vo: FNV-1a). Whoever wants two texts with the same
/// number can make them: it finds mistakes, not forgeries.
public enum FNV1a {
    /// The number of a text's bytes in UTF-8.
    public static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
