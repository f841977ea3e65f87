/// What a configuration file, or the command line, says of the process: every directive of
/// redis.conf that was given, in one spelling, and Sentinel's own defaults.
public struct ServerOptions: Equatable, Sendable {
    struct Option: Equatable, Sendable {
        var name: String
        var value: String?
    }

    /// In the order in which they were given; the last of several of one name counts.
    private(set) var options: [Option] = []

    /// What a Sentinel has without a file.
    public init() {
        set("port", "26379")
        set("protected-mode", "no")
    }

    mutating func set(_ name: String, _ value: String?) {
        if let index = options.firstIndex(where: { $0.name == name }) {
            options[index].value = value
        } else {
            options.append(Option(name: name, value: value))
        }
    }

    /// The value of a directive by its name in redis.conf; `nil` for nothing.
    public func value(_ name: String) -> String? {
        if let option = options.first(where: { $0.name == name }) { return option.value }
        return DirectiveSpec.named(name)?.defaultValue
    }

    private func isOn(_ name: String) -> Bool { value(name) == "yes" }

    private func number(_ name: String) -> Int { value(name).flatMap { Int($0) } ?? 0 }

    private func text(_ name: String) -> String? {
        value(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// 0: none.
    public var port: UInt16 { UInt16(clamping: number("port")) }
    /// 0: none.
    public var tlsPort: UInt16 { UInt16(clamping: number("tls-port")) }
    public var linksUseTLS: Bool { isOn("tls-replication") }
    /// Addresses as they were given: a minus before those that may be missing, `*` and `::*` for
    /// all of a family.
    public var boundAddresses: [String] {
        (value("bind") ?? "").split(separator: " ").map(String.init)
    }
    /// From which address links go out.
    public var sourceAddress: String? { text("bind-source-addr") }
    public var directory: String? { text("dir") }
    /// `nil`: standard output.
    public var logFile: String? { text("logfile") }
    /// One of debug, verbose, notice, warning, nothing.
    public var logLevel: String {
        get { value("loglevel") ?? "notice" }
        set { set("loglevel", newValue) }
    }
    public var logsToSystem: Bool { isOn("syslog-enabled") }
    public var systemLogName: String { text("syslog-ident") ?? "redis" }
    /// `user` or `local0` to `local7`.
    public var systemLogFacility: String { text("syslog-facility") ?? "local0" }
    public var daemonizes: Bool { isOn("daemonize") }
    public var pidFile: String? { text("pidfile") }
    /// upstart, systemd, auto or no.
    public var supervision: String { value("supervised") ?? "no" }
    public var clientCountMax: Int { number("maxclients") }
    public var isProtected: Bool { isOn("protected-mode") }
    public var password: String? { text("requirepass") }
    public var usersPath: String? { text("aclfile") }
    public var accessLogLengthMax: Int { number("acllog-max-len") }
    public var newUsersHaveAllChannels: Bool { value("acl-pubsub-default") == "allchannels" }
    /// Seconds after which an idle client is closed; 0: never.
    public var idleSecondsMax: Int { number("timeout") }
    public var keepAliveSeconds: Int { number("tcp-keepalive") }
    public var backlog: Int { number("tcp-backlog") }
    public var unixSocket: String? { text("unixsocket") }
    /// Of the socket's file; `nil`: as the process makes files.
    public var unixSocketPermissions: UInt32? {
        value("unixsocketperm").flatMap { UInt32($0, radix: 8) }.flatMap { $0 == 0 ? nil : $0 }
    }
    /// 2 or 3.
    public var firstProtocolVersion: Int { number("client-default-resp") }
}
