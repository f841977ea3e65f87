/// What a connection must be so that it can serve a client: connections of one identity are a pool.
struct Identity: Equatable, Sendable {
    /// As the client sent them; `nil` for whoever has shown none.
    struct Credentials: Equatable, Sendable {
        /// `nil` for the default user.
        var user: [UInt8]?
        var password: [UInt8]
    }

    var credentials: Credentials?
    var database = 0
    /// RESP2 or 3: replies differ in shape between them, so that they are never converted.
    var version = 2

    /// The request by which a connection, or a client, takes one step towards the identity.
    func request(_ step: Step) -> [[UInt8]] {
        switch step {
        case .auth:
            guard let credentials else { return [Array("AUTH".utf8)] }
            return [Array("AUTH".utf8)] + (credentials.user.map { [$0] } ?? [])
                + [credentials.password]
        case .select:
            return [Array("SELECT".utf8), Array(String(database).utf8)]
        case .hello:
            let hello = [Array("HELLO".utf8), Array(String(version).utf8)]
            guard let credentials else { return hello }
            return hello + [
                Array("AUTH".utf8), credentials.user ?? Array("default".utf8),
                credentials.password,
            ]
        }
    }

    /// What a new connection must say before it is of this identity.
    var greeting: [Step] {
        var steps: [Step] = []
        if version == 3 {
            steps.append(.hello)
        } else if credentials != nil {
            steps.append(.auth)
        }
        if database != 0 { steps.append(.select) }
        return steps
    }

    enum Step: Equatable, Sendable {
        case auth
        case select
        case hello
    }
}

/// What a client has told of itself: no part of its identity, and known to the server only on a
/// connection of its own.
struct Persona: Equatable, Sendable {
    var name: [UInt8] = []
    var library: [UInt8] = []
    var libraryVersion: [UInt8] = []

    var isEmpty: Bool { name.isEmpty && library.isEmpty && libraryVersion.isEmpty }

    /// What tells a server the same.
    var requests: [[[UInt8]]] {
        let client = Array("CLIENT".utf8)
        var requests: [[[UInt8]]] = []
        if !name.isEmpty { requests.append([client, Array("SETNAME".utf8), name]) }
        if !library.isEmpty {
            requests.append([client, Array("SETINFO".utf8), Array("LIB-NAME".utf8), library])
        }
        if !libraryVersion.isEmpty {
            requests.append(
                [client, Array("SETINFO".utf8), Array("LIB-VER".utf8), libraryVersion])
        }
        return requests
    }
}
