/// One request of a client: its words as they came, and as text.
struct Request: Sendable {
    /// At least one, the command's name.
    let arguments: [[UInt8]]
    /// Bytes that are no UTF-8 show as U+FFFD.
    let words: [String]

    init(_ arguments: [[UInt8]]) {
        self.arguments = arguments
        words = arguments.map { String(decoding: $0, as: UTF8.self) }
    }

    var count: Int { words.count }

    /// The word in lower case, as options are compared.
    func option(_ index: Int) -> String { words[index].lowercasedASCII }

    /// The word as the integer that it is; Redis takes neither `+5` nor ` 5` nor `05`.
    func integer(_ index: Int) -> Int? { Self.integer(words[index]) }

    static func integer(_ text: String) -> Int? {
        guard let number = Int(text), String(number) == text else { return nil }
        return number
    }

    /// The first word with a control character (0x00–0x1F, 0x7F), which would divide or forge
    /// lines of the configuration file.
    func firstControlCharacter(from start: Int) -> Int? {
        arguments.indices.dropFirst(start).first { index in
            arguments[index].contains { $0 < 0x20 || $0 == 0x7F }
        }
    }
}

/// Why a request is refused, in the words of the reply.
struct PortRefusal: Error, Equatable {
    var text: String

    init(_ text: String) { self.text = text }
}
