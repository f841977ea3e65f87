import Addressing
import Configuration
import LeaseCore
import MonotonicTime
import SentinelCore

/// What a sound file describes, in one line.
///
///     redis01, one of 3 voters; orders: quorum 2, write address 10.18.14.94/20 on ens34;
///     lease 1500 ms, used for at most 1182 ms
///
/// On a balancer what it serves where:
///
///     lb01, a balancer beside 3 voters; orders: quorum 2, write address 10.18.14.94/20, reads at
///     10.18.14.95:6379, writes at *:6380; lease 1500 ms, used for at most 1182 ms
enum Portrait {
    /// Without `facts` nothing is said of interfaces that the file does not name.
    static func text(of configuration: Configuration, facts: HostFacts?) -> String {
        let nodes = configuration.hosts.filter { $0.role == .node }
        let voters =
            switch configuration.local.role {
            case .node: nodes.count == 1 ? "the only voter" : "one of \(nodes.count) voters"
            case .balancer:
                "a balancer beside \(nodes.count == 1 ? "the only voter" : "\(nodes.count) voters")"
            }
        let lease = configuration.lease
        let terms =
            configuration.groups.contains { $0.writeAddress != nil }
            ? [
                "lease \(lease.promise.milliseconds) ms, used for at most "
                    + "\(lease.use.milliseconds) ms" + enforcement(lease)
            ] : []
        let groups = configuration.groups.map { group in
            let parts =
                parts(of: group, facts: facts)
                + (configuration.local.role == .balancer ? services(of: group) : [])
            return "\(group.settings.name): " + parts.joined(separator: ", ")
        }
        return (["\(configuration.local.name), \(voters)"] + groups + terms).joined(separator: "; ")
    }

    /// Said where it isn't the usual.
    private static func enforcement(_ lease: LeaseTerms) -> String {
        switch lease.enforcement {
        case .packetFilter: ""
        case .addressLifetime:
            ", ended by the address's lifetime alone, up to \(lease.lateness.milliseconds) ms late"
        }
    }

    private static func parts(of group: Configuration.Group, facts: HostFacts?) -> [String] {
        var parts = ["quorum \(group.settings.quorum)"]
        if let address = group.writeAddress {
            let interface = facts?.interface(for: address) ?? address.interface
            parts.append(
                "write address \(address.prefix)" + (interface.map { " on \($0)" } ?? ""))
        } else {
            parts.append("no write address")
        }
        return parts
    }

    private static func services(of group: Configuration.Group) -> [String] {
        var parts: [String] = []
        if let address = group.readAddress, let port = group.readPort {
            let place = Endpoint(address: address.prefix.address, port: port)
            parts.append("reads at \(place)" + (group.readIsSecured ? " (TLS)" : ""))
        }
        parts += group.listeners.map { listener in
            let place = listener.address.map { "\(Endpoint(address: $0, port: listener.port))" }
            return "\(listener.service.words) at \(place ?? "*:\(listener.port)")"
                + (listener.isSecured ? " (TLS)" : "")
        }
        return parts
    }
}

extension Configuration.Service {
    /// What it serves, in a sentence.
    var words: String {
        switch self {
        case .read: "reads"
        case .write: "writes"
        case .auto: "reads and writes"
        }
    }
}
