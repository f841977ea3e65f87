/// A user: passwords, and what it may do.
struct AccessUser: Sendable, Equatable {
    let name: String
    var isOn = false
    /// Any password will do, also none.
    var needsNoPassword = false
    /// Redis's flag about payloads, which a Sentinel has none of: kept and shown.
    var sanitizesPayload = true
    /// SHA-256 as 64 hexadecimal digits, in the order in which they were given.
    var passwords: [String] = []
    /// What any command is tried against first; rules outside parentheses change it.
    var root: AccessSelector
    /// Those in parentheses.
    var selectors: [AccessSelector] = []

    /// A new user may do nothing.
    init(name: String, hasAllChannels: Bool = false) {
        self.name = name
        root = AccessSelector(hasAllChannels: hasAllChannels)
    }

    /// Redis's default user: everything, without a password.
    static func unlimited(name: String) -> AccessUser {
        var user = AccessUser(name: name)
        user.isOn = true
        user.needsNoPassword = true
        user.root.allowAllCommands()
        user.root.hasAllKeys = true
        user.root.hasAllChannels = true
        return user
    }

    /// In the order of `ACL GETUSER`.
    var flags: [String] {
        [
            isOn ? "on" : "off", needsNoPassword ? "nopass" : nil,
            sanitizesPayload ? "sanitize-payload" : "skip-sanitize-payload",
        ].compactMap(\.self)
    }

    /// What stands behind `user NAME` in a file.
    var text: String {
        var words = flags + passwords.map { "#" + $0 } + [root.text]
        words += selectors.map { "(" + $0.text + ")" }
        return words.joined(separator: " ")
    }

    /// `nil`: the request is allowed. Of several selectors' reasons the gravest counts, and of
    /// equals the one that comes latest in the request.
    func denial(of request: Request, command position: Int) -> AccessSelector.Denial? {
        var gravest: AccessSelector.Denial?
        for selector in [root] + selectors {
            guard let denial = selector.denial(of: request, command: position) else { return nil }
            switch (gravest, denial) {
            case (nil, _), (.command?, .channel): gravest = denial
            case (.channel(let old)?, .channel(let new)) where new > old: gravest = denial
            case (_, _): break
            }
        }
        return gravest
    }

    /// Whether it may stay subscribed.
    func allows(channel: [UInt8], isPattern: Bool) -> Bool {
        ([root] + selectors).contains { $0.allows(channel: channel, isPattern: isPattern) }
    }
}
