import RESP

/// A reply without what differs from process to process and from moment to moment.
struct ComparedReply: Equatable {
    let value: RESPValue

    /// `request`: its words in lower case.
    init(_ value: RESPValue, to request: [String]) {
        var masked = Self.masked(value)
        if Self.isUnordered(request) { masked = Self.sorted(masked) }
        if request.first == "info" { masked = Self.names(of: masked) }
        if request.prefix(2) == ["client", "id"] { masked = .integer(0) }
        if request.prefix(2) == ["acl", "genpass"] {
            masked = .integer(masked.bytes?.count ?? -1)
        }
        if request.prefix(2) == ["sentinel", "myid"] {
            masked = .integer(masked.bytes?.count ?? -1)
        }
        if ["client list", "client info"].contains(request.prefix(2).joined(separator: " ")) {
            masked = Self.clientNames(of: masked)
        }
        self.value = masked
    }

    /// Redis answers these in the order of a hash table.
    private static func isUnordered(_ request: [String]) -> Bool {
        ["command", "role"].contains(request[0]) || request.prefix(2) == ["acl", "cat"]
            || request.prefix(2) == ["sentinel", "masters"]
    }

    private static func sorted(_ value: RESPValue) -> RESPValue {
        guard case .array(let elements) = value else { return value }
        return .array(elements.map(sorted).sorted { "\($0)" < "\($1)" })
    }

    /// Ages, offsets and numbers of clients.
    private static let maskedFields: Set<String> = [
        "runid", "link-pending-commands", "last-ping-sent", "last-ok-ping-reply",
        "last-ping-reply", "s-down-time", "info-refresh", "role-reported-time",
        "master-link-down-time", "slave-repl-offset", "last-hello-message", "id", "version",
        "age-seconds", "client-info", "timestamp-created", "timestamp-last-updated", "entry-id",
    ]

    private static func masked(_ value: RESPValue) -> RESPValue {
        switch value {
        case .map(let pairs):
            return .map(
                pairs.map { pair in
                    let isMasked = maskedFields.contains(pair.key.string ?? "")
                    return RESPPair(pair.key, isMasked ? .null : masked(pair.value))
                })
        case .array(let elements):
            // A map in RESP2, or a report with its age first. Each is of another server, and was
            // made at another moment, with or without the replica.
            if elements.count == 2, case .integer = elements[0],
                elements[1].string?.hasPrefix("# Server") == true
            {
                return .array([.null, .bulk("report")])
            }
            var result: [RESPValue] = []
            for (index, element) in elements.enumerated() {
                let key = index.isMultiple(of: 2) ? nil : elements[index - 1].string
                let isMasked = key.map { maskedFields.contains($0) } ?? false
                result.append(isMasked ? .null : masked(element))
            }
            return .array(result)
        case .set(let elements):
            return .set(elements.map(masked).sorted { "\($0)" < "\($1)" })
        case .push(let elements): return .push(elements.map(masked))
        case let other: return isIdentity(other.string) ? .bulk("identity") : other
        }
    }

    /// Of a Sentinel or of a life of a server: each world has its own.
    private static func isIdentity(_ text: String?) -> Bool {
        text?.utf8.count == 40 && text?.allSatisfy(\.isHexDigit) == true
    }

    /// For people.
    var text: String { Self.text(value) }

    private static func text(_ value: RESPValue) -> String {
        switch value {
        case .array(let elements), .set(let elements), .push(let elements):
            return "[" + elements.map(text).joined(separator: " ") + "]"
        case .map(let pairs):
            return "{" + pairs.map { "\(text($0.key)): \(text($0.value))" }.joined(separator: " ")
                + "}"
        case _: break
        }
        if let error = value.errorBytes { return "-" + String(decoding: error, as: UTF8.self) }
        return value.text.map { "\"\($0)\"" } ?? "\(value)"
    }

    /// Lines of `INFO` by their names; of groups the whole line.
    private static func names(of value: RESPValue) -> RESPValue {
        guard let text = value.string else { return value }
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false).map {
            $0.hasPrefix("master") || $0.hasPrefix("sentinel_")
                ? String($0) : String($0.prefix { $0 != ":" })
        }
        return .array(lines.map { .bulk($0) })
    }

    /// The fields of a client by their names, and the values that are the client's own doing.
    private static func clientNames(of value: RESPValue) -> RESPValue {
        guard let text = value.text, value.errorBytes == nil else { return value }
        let kept = ["name", "flags", "sub", "psub", "cmd", "user", "redir", "resp"]
        let fields = text.split { $0 == " " || $0 == "\n" }.map { field -> String in
            let name = field.prefix { $0 != "=" }
            return kept.contains(String(name)) ? String(field) : String(name)
        }
        return .array(fields.map { .bulk($0) })
    }
}
