/// Which half of a host's traffic is lost on the way; its interface stays up.
public enum OneWayLoss: Sendable {
    /// What is sent to it: it is heard and hears nobody.
    case inbound
    /// What it sends: it hears and nobody hears it.
    case outbound
}

extension Laboratory {
    /// Loses one direction of a host's traffic on these networks or (`nil`) on all, until
    /// ``heal(_:on:)``. In force when the call returns.
    public func lose(
        _ direction: OneWayLoss, of host: Host, on networks: [Plan.Network]? = nil
    ) throws(LaboratoryError) {
        for network in try affected(networks, of: host, operation: "lose") {
            try network.lose(direction, of: host)
        }
    }
}

extension Switch {
    /// At the end of the host's cable: bridges know no direction.
    func lose(_ direction: OneWayLoss, of host: Host) throws(LaboratoryError) {
        let (hook, exception) =
            switch direction {
            // A prober sits at the same place and must still be heard by the host.
            case .inbound: ("egress", ProbeFrames.isNoProbe)
            case .outbound: ("ingress", "")
            }
        lossy.with { _ = $0.insert(host.name) }
        try nft(
            rules: """
                table netdev \(Self.lossTable(host)) {
                    chain \(hook) {
                        type filter hook \(hook) device "\(host.name)" priority filter
                        \(exception) drop
                    }
                }

                """)
    }

    /// Lets everything of the host pass again.
    func loseNothing(of host: Host) throws(LaboratoryError) {
        guard lossy.with({ $0.remove(host.name) }) != nil else { return }
        try nft(rules: "delete table netdev \(Self.lossTable(host))\n")
    }

    private static func lossTable(_ host: Host) -> String { "loss-\(host.name)" }
}
