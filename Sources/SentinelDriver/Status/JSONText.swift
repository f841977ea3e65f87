/// Writes JSON (RFC 8259) with the keys in the order in which they are given, so that the same
/// facts are always the same bytes.
///
///     var json = JSONText()
///     json.object {
///         $0.string("name", "redis01")
///         $0.array("groups", groups) { $0.object { … } }
///     }
public struct JSONText: Sendable {
    /// What has been written so far.
    public private(set) var text = ""
    private var needsComma = false

    /// An empty text.
    public init() {}

    /// `{…}` as a value of its own or as an array's element.
    public mutating func object(_ members: (inout JSONText) -> Void) {
        separate()
        nest("{", "}", members)
    }

    /// `"key":{…}`
    public mutating func object(_ key: String, _ members: (inout JSONText) -> Void) {
        self.key(key)
        nest("{", "}", members)
    }

    /// `"key":null`
    public mutating func null(_ key: String) {
        self.key(key)
        text += "null"
    }

    /// `"key":[…]`, one call of `write` an element.
    public mutating func array<Element>(
        _ key: String, _ elements: [Element], _ write: (inout JSONText, Element) -> Void
    ) {
        self.key(key)
        nest("[", "]") { json in
            for element in elements { write(&json, element) }
        }
    }

    /// A text as an array's element.
    public mutating func element(_ value: String) {
        separate()
        quote(value)
    }

    /// `"key":["value",…]`.
    public mutating func strings(_ key: String, _ values: [String]) {
        array(key, values) { $0.element($1) }
    }

    /// `"key":"value"`, or `null`.
    public mutating func string(_ key: String, _ value: String?) {
        self.key(key)
        if let value { quote(value) } else { text += "null" }
    }

    /// `"key":1`, or `null`.
    public mutating func integer(_ key: String, _ value: (some BinaryInteger)?) {
        self.key(key)
        text += value.map { String($0) } ?? "null"
    }

    /// `"key":true`
    public mutating func boolean(_ key: String, _ value: Bool) {
        self.key(key)
        text += value ? "true" : "false"
    }

    private mutating func key(_ key: String) {
        separate()
        quote(key)
        text += ":"
    }

    private mutating func separate() {
        if needsComma { text += "," }
        needsComma = true
    }

    private mutating func nest(
        _ opening: String, _ closing: String, _ contents: (inout JSONText) -> Void
    ) {
        text += opening
        needsComma = false
        contents(&self)
        text += closing
        needsComma = true
    }

    private mutating func quote(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // DEL and the C1 controls are legal in JSON, and unwelcome on a terminal.
            case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
