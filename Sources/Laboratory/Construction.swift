import Addressing

/// A bridge in a namespace of its own: one network of the plan.
final class Switch: Sendable {
    let network: Plan.Network
    private let door: NamespaceDoor
    private let resident: Resident
    /// The hosts of which frames are lost in one direction.
    let lossy = Shared<Set<String>>([])

    /// The bridge to which every port belongs while nothing is cut.
    static let bridge = "bridge0"
    /// The bridge for hosts that are parted from the rest; nothing joins the two.
    static let side = "bridge1"

    init(_ network: Plan.Network, namespace: String) throws(LaboratoryError) {
        self.network = network
        door = try NamespaceDoor(namespace: namespace)
        resident = try Resident(entering: door)
    }

    func ip(batch: String) throws(LaboratoryError) {
        try resident.run { () throws(LaboratoryError) in try Namespaces.ip(batch: batch) }
    }

    func nft(rules: String) throws(LaboratoryError) {
        try resident.run { () throws(LaboratoryError) in try Namespaces.nft(rules: rules) }
    }

    /// IPv6 on the bridge itself would answer and send on the network; it only forwards.
    func silence() throws(LaboratoryError) {
        try resident.run { () throws(LaboratoryError) in
            try Files.write("1", to: "/proc/sys/net/ipv6/conf/all/disable_ipv6")
            try Files.write("1", to: "/proc/sys/net/ipv6/conf/default/disable_ipv6")
        }
    }

    /// The end of a host's cable; whoever opens it closes it.
    func openPort(_ name: String) throws(LaboratoryError) -> PortSocket {
        try resident.run { () throws(LaboratoryError) in try PortSocket(port: name) }
    }

    func leave() {
        resident.dismiss()
        door.shut()
    }
}

/// How a plan becomes namespaces: the batches for `ip`, and their order.
///
/// One process makes all namespaces, then one process per namespace fills it, so that a plan of
/// six hosts takes a dozen short-lived processes.
struct Construction {
    let plan: Plan
    let run: String

    func namespace(_ name: String) -> String {
        Namespaces.prefix(of: run) + name
    }

    var namespaceBatch: String {
        (plan.networks.map(\.name) + plan.machines.map(\.name))
            .map { "netns add \(namespace($0))\n" }.joined()
    }

    /// No spanning tree and no forward delay: a port forwards from the moment it is up, as a
    /// switch's edge port does. No snooping: nobody here sends the queries that it needs.
    static let switchBatch = [Switch.bridge, Switch.side].map { bridge in
        """
        link add \(bridge) type bridge stp_state 0 forward_delay 0 mcast_snooping 0
        link set dev \(bridge) up

        """
    }.joined()

    /// The host's interfaces; their other ends appear in the switches' namespaces, named after
    /// the host.
    func hostBatch(_ machine: Plan.Machine) -> String {
        var lines = ["link set dev lo up"]
        for attachment in machine.attachments {
            let network = attachment.network
            let interface = network.interface
            lines += [
                "link add \(interface) type veth peer name \(machine.name)"
                    + " netns \(namespace(network.name))",
                "addr add \(attachment.address)/\(network.prefixLength) brd + dev \(interface)",
                "link set dev \(interface) up",
            ]
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// Plugs the hosts into a network.
    func portBatch(_ network: Plan.Network) -> String {
        plan.machines.filter { $0.attachments.contains { $0.network == network } }
            .map { "link set dev \($0.name) master \(Switch.bridge) up\n" }.joined()
    }

    func buildSwitches() throws(LaboratoryError) -> [Switch] {
        var switches: [Switch] = []
        for network in plan.networks {
            let made = try Switch(network, namespace: namespace(network.name))
            try made.silence()
            try made.ip(batch: Self.switchBatch)
            switches.append(made)
        }
        return switches
    }

    func buildHosts(_ record: RunRecord) throws(LaboratoryError) -> [Host] {
        var hosts: [Host] = []
        for machine in plan.machines {
            let host = try Host(
                machine, namespace: namespace(machine.name), redisPort: redisPort, record: record)
            let batch = hostBatch(machine)
            try host.runOnResident { () throws(LaboratoryError) in
                // An address that is still being probed for duplicates can't be used for a
                // second or two; routers are not to be looked for, as there are none.
                for setting in ["accept_dad", "router_solicitations"] {
                    try Files.write("0", to: "/proc/sys/net/ipv6/conf/default/\(setting)")
                }
                try Namespaces.ip(batch: batch)
            }
            hosts.append(host)
        }
        return hosts
    }

    func connect(_ switches: [Switch]) throws(LaboratoryError) {
        for made in switches {
            try made.ip(batch: portBatch(made.network))
        }
    }

    private let redisPort: UInt16 = 6_379
}
