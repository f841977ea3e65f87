internal import Addressing
public import SentinelFile
public import SentinelPort

/// What a port will be by its file, before it is opened: users and certificates are read, and
/// found wrong, as at a start.
public struct PortExamination {
    /// Why users or certificates cannot be taken, with their file.
    public struct Failure: Error, Equatable, CustomStringConvertible {
        public var description: String
    }

    /// With the users of the file.
    let port: Port
    private let server: ServerOptions

    /// - Throws: ``Failure``: the users cannot be taken.
    init(
        _ configuration: SentinelConfiguration, _ settings: PortSettings
    ) throws(Failure) {
        var port = Port(settings)
        if let path = settings.usersPath {
            guard configuration.users.isEmpty else {
                throw Failure(
                    description: "users stand in the file as well as in aclfile \(path): keep one")
            }
            let text = try? DurableFile.bytes(of: path, byteCountMax: PortServer.usersBytesMax)
            if let problem = port.replaceUsers(by: text, ThisHost()) {
                throw Failure(description: problem)
            }
        } else if let problem = port.takeUsers(
            configuration.users.map(\.words), password: configuration.server.password, ThisHost())
        {
            let line = configuration.users[problem.line]
            throw Failure(description: "\(line.path):\(line.line): \(problem.problem)")
        }
        self.port = port
        server = configuration.server
    }

    /// Reads everything that a start would read.
    ///
    /// - Throws: ``Failure``: users or certificates cannot be taken.
    public static func whole(
        _ configuration: SentinelConfiguration, _ settings: PortSettings
    ) throws(Failure) -> PortExamination {
        let examination = try PortExamination(configuration, settings)
        do throws(PortListener.Failure) {
            _ = try PortListener.places(configuration.server)
            _ = try PortListener.source(configuration.server)
            _ = try PortSecurity(configuration.server)
        } catch {
            throw Failure(description: error.description)
        }
        return examination
    }

    /// The addresses beyond this host, as `bind` has them, on which whoever reaches the port may
    /// do all that the default user may; `*` where nothing is bound. None, too, where protected
    /// mode turns strangers away, or clients must show a certificate.
    public var openAddresses: [String] {
        guard port.isOpenToStrangers, !server.isProtected, server.port != 0 || isOpenByTLS else {
            return []
        }
        let bound = server.boundAddresses.map { $0.hasPrefix("-") ? String($0.dropFirst()) : $0 }
        let isEverywhere = bound.isEmpty || bound.contains { Self.everywhere.contains($0) }
        return isEverywhere ? ["*"] : bound.filter { !Self.isOwn($0) }
    }

    private static let everywhere: Set<String> = ["*", "::*", "0.0.0.0", "::"]

    private var isOpenByTLS: Bool {
        server.tlsPort != 0 && server.value("tls-auth-clients") ?? "yes" != "yes"
    }

    private static func isOwn(_ address: String) -> Bool {
        switch IPAddress(address) {
        case .v4(let address): address.octets.first == 127
        case .v6(let address): address == IPv6Address("::1")
        case nil: address.lowercased() == "localhost"
        }
    }
}
