/// How a host loses a network.
public enum Isolation: Sendable {
    /// The cable is out: the host sees its interface lose the carrier.
    case carrierLoss
    /// Everything on the way is dropped, in both directions; the host's interface stays up.
    case silence
}

extension Laboratory {
    /// Cuts a host off, from these networks or (`nil`) from all. In force when the call returns.
    public func isolate(
        _ host: Host, from networks: [Plan.Network]? = nil, by isolation: Isolation = .carrierLoss
    ) throws(LaboratoryError) {
        let command =
            switch isolation {
            case .carrierLoss: "link set dev \(host.name) down\n"
            // A port that belongs to no bridge ends in a namespace without any address.
            case .silence: "link set dev \(host.name) nomaster\n"
            }
        for network in try affected(networks, of: host, operation: "isolate") {
            try network.ip(batch: command)
        }
    }

    /// Undoes ``isolate(_:from:by:)``, ``lose(_:of:on:)`` and ``part(_:from:)`` for a host, on
    /// these networks or (`nil`) on all. A host that is not cut off is left as it is.
    public func heal(
        _ host: Host, on networks: [Plan.Network]? = nil
    ) throws(LaboratoryError) {
        for network in try affected(networks, of: host, operation: "heal") {
            try network.ip(batch: "link set dev \(host.name) master \(Switch.bridge) up\n")
            try network.loseNothing(of: host)
        }
    }

    /// Moves hosts to a side of their own, on these networks or (`nil`) on all: they reach each
    /// other, and the rest reach each other, but nothing passes between. No host loses its
    /// carrier. A second parting moves its hosts to the same side. ``heal(_:on:)`` takes each back.
    public func part(
        _ hosts: [Host], from networks: [Plan.Network]? = nil
    ) throws(LaboratoryError) {
        guard !switches.isEmpty else { throw .needsNamespaces(operation: "part") }
        for network in switches where networks?.contains(network.network) ?? true {
            let parted = hosts.filter { host in
                host.attachments.contains { $0.network == network.network }
            }
            try network.ip(
                batch: parted.map { "link set dev \($0.name) master \(Switch.side)\n" }.joined())
        }
    }

    func affected(
        _ networks: [Plan.Network]?, of host: Host, operation: String
    ) throws(LaboratoryError) -> [Switch] {
        guard !switches.isEmpty else { throw .needsNamespaces(operation: operation) }
        return switches.filter { made in
            host.attachments.contains { $0.network == made.network }
                && (networks?.contains(made.network) ?? true)
        }
    }
}
