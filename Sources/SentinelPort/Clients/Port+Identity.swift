internal import RESP

extension Port {
    /// `AUTH [user] password`
    mutating func authenticate(
        _ request: Request, _ client: PortClient, _ now: Moment,
        _ surroundings: some PortSurroundings
    ) {
        guard request.count <= 3 else { return refuse(client.id, "ERR syntax error") }
        if request.count == 2, book.defaultUser.needsNoPassword {
            return refuse(
                client.id,
                "ERR AUTH <password> called without any password configured for the default user."
                    + " Are you sure your configuration is correct?")
        }
        let name = request.count == 3 ? request.words[1] : UserBook.defaultName
        let password = request.arguments[request.count - 1]
        guard becomes(name, password, client, request, now, surroundings) else {
            return refuse(client.id, Self.wrongPassword)
        }
        reply(client.id, .simple("OK"))
    }

    private static let wrongPassword =
        "WRONGPASS invalid username-password pair or user is disabled."

    /// Whether the client is that user from now on.
    private mutating func becomes(
        _ name: String, _ password: [UInt8], _ client: PortClient, _ request: Request,
        _ now: Moment, _ surroundings: some PortSurroundings
    ) -> Bool {
        guard let user = book[name], user.isOn,
            user.needsNoPassword || user.passwords.contains(hash(password, surroundings))
        else {
            note(.auth, object: request.words[0], user: name, client, now)
            return false
        }
        change(client.id) { client in
            client.user = user.name
            client.isAuthenticated = true
            client.hasShownPassword = !user.needsNoPassword
        }
        return true
    }

    /// As users' passwords are kept: SHA-256 in hexadecimal. Comparing these tells an attacker
    /// nothing by the time it takes.
    func hash(
        _ password: [UInt8], _ host: some PortHost
    ) -> String {
        Self.hexadecimal(host.digest(password))
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] },
            as: UTF8.self)
    }

    /// `HELLO [2|3 [AUTH user password] [SETNAME name]]`
    mutating func greet(
        _ request: Request, _ client: PortClient, _ now: Moment,
        _ surroundings: some PortSurroundings
    ) {
        var version = client.version
        if request.count > 1 {
            guard let number = request.integer(1) else {
                return refuse(
                    client.id, "ERR Protocol version is not an integer or out of range")
            }
            guard let asked = RESPVersion(rawValue: number) else {
                return refuse(client.id, "NOPROTO unsupported protocol version")
            }
            version = asked
        }
        var credentials: (name: String, password: [UInt8])?
        var name: [UInt8]?
        var index = 2
        while index < request.count {
            switch request.option(index) {
            case "auth" where index + 2 < request.count:
                credentials = (request.words[index + 1], request.arguments[index + 2])
                index += 3
            case "setname" where index + 1 < request.count:
                name = request.arguments[index + 1]
                guard Self.isName(request.arguments[index + 1]) else {
                    return refuse(client.id, Self.badName)
                }
                index += 2
            default:
                return refuse(
                    client.id, "ERR Syntax error in HELLO option '\(request.words[index])'")
            }
        }
        if let (user, password) = credentials,
            !becomes(user, password, client, request, now, surroundings)
        {
            return refuse(client.id, Self.wrongPassword)
        }
        if let current = self[client.id], mustAuthenticate(current) {
            return refuse(
                client.id,
                "NOAUTH HELLO must be called with the client already authenticated, otherwise the"
                    + " HELLO <proto> AUTH <user> <pass> option can be used to authenticate the"
                    + " client and select the RESP protocol version at the same time")
        }
        change(client.id) { client in
            if let name { client.name = name }
            client.version = version
        }
        let fields: [(String, RESPValue)] = [
            ("server", .bulk("redis")), ("version", .bulk(PortSettings.compatibleVersion)),
            ("proto", .integer(version.rawValue)), ("id", .integer(client.id)),
            ("mode", .bulk("sentinel")), ("modules", .array([])),
        ]
        reply(client.id, .map(fields.map { RESPPair(.bulk($0), $1) }))
    }

    static let badName =
        "ERR Client names cannot contain spaces, newlines or special characters."

    /// What would break a line of `CLIENT LIST` is no name.
    static func isName(_ bytes: [UInt8]) -> Bool {
        bytes.count <= 1024 && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
