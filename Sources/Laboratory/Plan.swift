public import Addressing

/// What a laboratory builds: networks, and the hosts on them.
public struct Plan: Equatable, Sendable {
    /// A network: one bridge, in a namespace of its own.
    public struct Network: Hashable, Sendable {
        /// Part of the namespace's name.
        public let name: String
        /// What every host calls its interface on this network.
        public let interface: String
        /// Bits of the network part of every address on it.
        public let prefixLength: Int

        /// A network of a plan; `interface` is at most 15 bytes, as the kernel demands.
        public init(name: String, interface: String, prefixLength: Int) {
            precondition(interface.utf8.count <= interfaceNameBytesMax)
            self.name = name
            self.interface = interface
            self.prefixLength = prefixLength
        }

        /// Where servers, replicas and voters talk: 192.168.11.0/24 on `ens33`.
        public static let `internal` = Network(
            name: "internal", interface: "ens33", prefixLength: 24)
        /// Where clients and the write address live: 10.18.0.0/20 on `ens34`.
        public static let external = Network(
            name: "external", interface: "ens34", prefixLength: 20)
    }

    /// One interface of a host.
    public struct Attachment: Equatable, Sendable {
        /// The network that the interface is on.
        public let network: Network
        /// The address that the interface begins with.
        public let address: IPv4Address

        /// An interface on `network` with `address`.
        public init(_ network: Network, _ address: IPv4Address) {
            self.network = network
            self.address = address
        }
    }

    /// A host of the plan.
    public struct Machine: Equatable, Sendable {
        /// Part of the namespace's name, and the name of its ports on the bridges.
        public let name: String
        /// One interface per network, in the order in which they are made.
        public let attachments: [Attachment]

        /// A host; its name is at most 15 bytes, since the bridges' ports carry it.
        public init(_ name: String, _ attachments: [Attachment]) {
            precondition(!name.isEmpty && name.utf8.count <= interfaceNameBytesMax)
            self.name = name
            self.attachments = attachments
        }
    }

    /// The kernel's IFNAMSIZ less the closing zero.
    static let interfaceNameBytesMax = 15

    /// The hosts, in the order in which they are made and listed.
    public let machines: [Machine]

    /// A plan of these hosts; names must differ.
    public init(machines: [Machine]) {
        precondition(Set(machines.map(\.name)).count == machines.count)
        self.machines = machines
    }

    /// The networks that any host is on, in the order of their first appearance.
    public var networks: [Network] {
        var networks: [Network] = []
        for attachment in machines.flatMap(\.attachments)
        where !networks.contains(attachment.network) {
            networks.append(attachment.network)
        }
        return networks
    }

    /// This plan less the hosts named.
    public func without(_ names: String...) -> Plan {
        Plan(machines: machines.filter { !names.contains($0.name) })
    }
}

extension Plan {
    private static func machine(
        _ name: String, _ inner: IPv4Address, _ outer: IPv4Address
    ) -> Machine {
        Machine(name, [Attachment(.internal, inner), Attachment(.external, outer)])
    }

    /// The six hosts of the classic deployment: three servers, two balancers, one client.
    public static let note = Plan(machines: [
        machine("redis01", IPv4Address(192, 168, 11, 123), IPv4Address(10, 18, 14, 72)),
        machine("redis02", IPv4Address(192, 168, 11, 124), IPv4Address(10, 18, 13, 166)),
        machine("redis03", IPv4Address(192, 168, 11, 125), IPv4Address(10, 18, 14, 80)),
        machine("lb01", IPv4Address(192, 168, 11, 121), IPv4Address(10, 18, 14, 54)),
        machine("lb02", IPv4Address(192, 168, 11, 122), IPv4Address(10, 18, 14, 64)),
        machine("client", IPv4Address(192, 168, 11, 89), IPv4Address(10, 18, 14, 88)),
    ])

    /// The hosts of the plan that balance reads.
    static let balancerNames = ["lb01", "lb02"]

    /// The note's three servers and its client: what failover needs.
    public static let serversAndClient = note.without("lb01", "lb02")

    /// Those and one client more: when the network parts, each side has one.
    public static let serversAndTwoClients = Plan(
        machines: serversAndClient.machines + [
            machine("client2", IPv4Address(192, 168, 11, 90), IPv4Address(10, 18, 14, 89))
        ])

    /// The same names on 127.0.0.1, 127.0.0.2 and so on, for machines on which no namespace may be
    /// made: all of 127/8 is local, and hosts are told apart by their addresses.
    static let loopback = Plan(
        machines: serversAndClient.machines.enumerated().map { index, machine in
            let address = IPv4Address(127, 0, 0, UInt8(index + 1))
            return Machine(
                machine.name, machine.attachments.map { Attachment($0.network, address) })
        })

    /// The address that clients write to, on the external network.
    public static let writeAddress = IPv4Address(10, 18, 14, 94)
    /// The address that clients read from, on the external network.
    public static let readAddress = IPv4Address(10, 18, 14, 95)
}
