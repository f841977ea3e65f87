import Addressing

/// What a server of the laboratory is configured with.
public struct RedisSettings: Equatable, Sendable {
    /// `requirepass` and `masterauth`; without one the server is open.
    public var password: String?
    /// Further lines of redis.conf, in force over those before.
    public var lines: [String]
    /// Where it speaks without TLS, when `lines` make it speak TLS at its endpoint: for the
    /// laboratory's own clients. `nil`: at its endpoint.
    public var plainPort: UInt16?

    /// A server with the note's settings but this password and these lines.
    public init(password: String?, lines: [String] = []) {
        self.password = password
        self.lines = lines
    }

    /// The password and the memory settings of the classic deployment.
    public static let note = RedisSettings(
        password: "shk9Hjwe",
        lines: ["maxmemory 1g", "maxmemory-policy volatile-lru", "appendonly yes"])

    /// The note's, with TLS at the endpoint, to replicas too, and to nobody without a certificate.
    public static func secured(
        certificateFile: String, keyFile: String, authorityFile: String
    ) -> RedisSettings {
        var settings = note
        settings.plainPort = 6390
        settings.lines += [
            "tls-cert-file \(certificateFile)", "tls-key-file \(keyFile)",
            "tls-ca-cert-file \(authorityFile)", "tls-replication yes",
        ]
        return settings
    }

    /// The text of redis.conf. `bind` is `nil` for every address of the host.
    func configuration(
        directory: String, port: UInt16, bind: IPv4Address?, replicaOf primary: Endpoint?
    ) -> String {
        var text = [
            "protected-mode no", "daemonize no", "port \(port)", "dir \(directory)",
            "logfile \(directory)/redis.log", "pidfile \(directory)/redis.pid",
            // Replicas are synchronised through the socket and at once: the default waits five
            // seconds for others to join.
            "repl-diskless-sync yes", "repl-diskless-sync-delay 0", "repl-backlog-size 1mb",
        ]
        if let bind {
            // Between loopback addresses the kernel lets every connection come from 127.0.0.1.
            text += ["bind \(bind)", "replica-announce-ip \(bind)"]
        }
        if let password { text += ["requirepass \(password)", "masterauth \(password)"] }
        if let primary { text.append("replicaof \(primary.address) \(primary.port)") }
        if let plainPort { text += ["port \(plainPort)", "tls-port \(port)"] }
        return (text + lines).map { $0 + "\n" }.joined()
    }
}
