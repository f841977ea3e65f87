public import DropInCore

/// All that a redis-sentinel's configuration file says.
public struct SentinelConfiguration: Equatable, Sendable {
    /// One `user` line.
    public struct UserLine: Equatable, Sendable {
        /// The name, then the rules.
        public var words: [String]
        /// Where it stands.
        public var path: String
        public var line: Int
    }

    /// `rename-command`: a command of the port under another name; empty: none.
    public struct RenamedCommand: Equatable, Sendable {
        public var original: String
        public var renamed: String
    }

    public var server = ServerOptions()
    public var globals = GlobalSettings()
    public var ledger = Ledger()
    public var users: [UserLine] = []
    public var renamedCommands: [RenamedCommand] = []
    /// `baton guard-orders`: clients without a password may look, and change nothing.
    public var guardsOrders = false

    /// What a Sentinel has without a file.
    public init() {}

    /// What of the server's options the core decides by too.
    mutating func share() {
        globals.port = server.port
        globals.tlsPort = server.tlsPort
        globals.linksUseTLS = server.linksUseTLS
        globals.ownPassword = server.password
    }
}

/// What is wrong in which file.
public struct FileProblem: Equatable, Sendable {
    /// The file, or `command line`.
    public var path: String
    public var line: Int
    public var column: Int
    /// One sentence, with what to do.
    public var message: String
}
