/// A character that a screen shows as a blank, or not at all, and that Redis reads as a letter.
///
/// They arrive by copying from web pages and word processors, and by input methods that type
/// full-width text.
enum LookalikeBlank: Hashable, Sendable, CaseIterable {
    case noBreakSpace
    case ideographicSpace
    case zeroWidthSpace
    case byteOrderMark

    var utf8: [UInt8] {
        switch self {
        case .noBreakSpace: [0xC2, 0xA0]
        case .ideographicSpace: [0xE3, 0x80, 0x80]
        case .zeroWidthSpace: [0xE2, 0x80, 0x8B]
        case .byteOrderMark: [0xEF, 0xBB, 0xBF]
        }
    }

    var name: String {
        switch self {
        case .noBreakSpace: "a no-break space (U+00A0)"
        case .ideographicSpace: "a full-width space (U+3000)"
        case .zeroWidthSpace: "a zero-width space (U+200B)"
        case .byteOrderMark: "a byte order mark (U+FEFF)"
        }
    }

    /// The one that begins at `offset` of `bytes`, if any.
    init?(in bytes: [UInt8], at offset: Int) {
        guard bytes[offset] >= 0xC2 else { return nil }
        let found = Self.allCases.first { bytes[offset...].starts(with: $0.utf8) }
        guard let found else { return nil }
        self = found
    }
}
