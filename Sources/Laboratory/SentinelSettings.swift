import Addressing
public import MonotonicTime

/// What the Sentinels of a fleet are configured with, real ones and Baton's alike.
public struct SentinelSettings: Equatable, Sendable {
    /// What the group is called.
    public var group = "master1"
    /// `down-after-milliseconds`; a server may be silent this long.
    public var downAfter: Interval
    /// `failover-timeout`.
    public var failoverTimeout: Interval
    /// How many must see the primary down.
    public var quorum = 2
    /// What the default user of a Sentinel is asked for, by clients and by the other Sentinels.
    public var password: String?
    /// Where they speak without TLS, when `lines` make them speak TLS at their port: for the
    /// laboratory's own questions. `nil`: at their port.
    public var plainPort: UInt16?
    /// What the servers are configured with.
    public var servers = RedisSettings.note
    /// Further lines of the file.
    public var lines: [String]
    /// The whole file, in place of everything that the above would make of it.
    public var text: String?

    /// The note's group with these time-outs and lines.
    public init(
        downAfter: Interval = .seconds(5), failoverTimeout: Interval = .seconds(30),
        lines: [String] = []
    ) {
        self.downAfter = downAfter
        self.failoverTimeout = failoverTimeout
        self.lines = lines
    }

    /// Where a Sentinel answers.
    public static let port: UInt16 = 26_379
    /// Where one that speaks TLS there answers without.
    public static let portBesideTLS: UInt16 = 26_378

    /// The note's sentinel.conf. It says `mymaster` in its third `sentinel` line, where every other
    /// line has `master1`, and no Sentinel starts with that.
    public static func note(script: String) -> SentinelSettings {
        var settings = SentinelSettings()
        settings.text = """
            protected-mode no
            daemonize yes
            logfile "/var/log/sentinel.log"
            sentinel monitor master1 192.168.11.123 6379 2
            sentinel auth-pass master1 shk9Hjwe
            sentinel down-after-milliseconds master1 5000
            sentinel parallel-syncs master1 1
            sentinel failover-timeout master1 30000
            sentinel client-reconfig-script master1 \(script)

            """
        return settings
    }

    /// Nothing but TLS at the port, and to the servers.
    public static func secured(
        certificateFile: String, keyFile: String, authorityFile: String
    ) -> SentinelSettings {
        var settings = SentinelSettings(
            downAfter: .seconds(1),
            lines: [
                "tls-port \(port)", "tls-cert-file \(certificateFile)", "tls-key-file \(keyFile)",
                "tls-ca-cert-file \(authorityFile)", "tls-replication yes",
            ])
        settings.plainPort = portBesideTLS
        settings.servers = .secured(
            certificateFile: certificateFile, keyFile: keyFile, authorityFile: authorityFile)
        return settings
    }

    /// The text of sentinel.conf as it is before a Sentinel first rewrites it.
    func configuration(primary: Endpoint) -> String {
        if let text { return text }
        var text = [
            "port \(plainPort ?? Self.port)", "protected-mode no",
            "sentinel monitor \(group) \(primary.address) \(primary.port) \(quorum)",
            "sentinel down-after-milliseconds \(group) \(downAfter.milliseconds)",
            "sentinel failover-timeout \(group) \(failoverTimeout.milliseconds)",
        ]
        if let password = servers.password {
            text.append("sentinel auth-pass \(group) \(password)")
        }
        if let password { text.append("requirepass \(password)") }
        return (text + lines).map { $0 + "\n" }.joined()
    }
}
