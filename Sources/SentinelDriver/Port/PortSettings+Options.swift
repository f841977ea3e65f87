internal import Glibc
public import MonotonicTime
internal import RESP
internal import SentinelCore
public import SentinelFile
public import SentinelPort

extension PortSettings {
    /// What the file says of the port; facts of this process and this host added.
    public init(
        _ configuration: SentinelConfiguration, path: String, executable: String,
        supervision: String, startedAt: Instant
    ) {
        self.init(runID: .drawn(), processID: getpid(), startedAt: startedAt)
        let server = configuration.server
        port = server.port
        tlsPort = server.tlsPort
        boundAddresses = server.boundAddresses
        configurationPath = path
        executablePath = executable
        operatingSystem = Self.systemName
        self.supervision = supervision
        clientCountMax = server.clientCountMax
        // A century, which no client outlasts.
        idleSecondsMax = min(server.idleSecondsMax, 3_000_000_000)
        isProtected = server.isProtected
        guardsOrders = configuration.guardsOrders
        accessLogLengthMax = server.accessLogLengthMax
        firstVersion = server.firstProtocolVersion == 3 ? .resp3 : .resp2
        newUsersHaveAllChannels = server.newUsersHaveAllChannels
        usersPath = server.usersPath
        renamedCommands = configuration.renamedCommands.map { ($0.original, $0.renamed) }
        logLevel = LogLevel(rawValue: server.logLevel) ?? .notice
    }

    private static var systemName: String {
        var names = utsname()
        guard uname(&names) == 0 else { return "Linux" }
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return "\(text(names.sysname)) \(text(names.release)) \(text(names.machine))"
    }
}
