import Addressing
import Netlink

/// Addresses on this host's interfaces, their announcements and their connections: what keeping an
/// address takes whatever ends its lease.
///
/// One thread at a time; all sockets are opened by `init`, in its network namespace.
final class AddressPlacement {
    private var routes: RouteSession
    private var connections: ConnectionReset
    private let packets: PacketSocket
    /// By which of Baton's parts its addresses are.
    private let mark: UInt8

    init(mark: UInt8 = ConfiguredAddress.batonMark) throws(AddressFailure) {
        self.mark = mark
        do throws(NetlinkError) {
            routes = try RouteSession()
            connections = try ConnectionReset()
            packets = try PacketSocket()
        } catch {
            throw AddressFailure("cannot open the kernel's interfaces", because: error)
        }
    }

    func findInterface(
        for address: IPAddress, named name: String?
    ) -> Result<Link, AddressFailure> {
        AddressFailure.attempt("cannot find the interface for \(address)") {
            () throws(NetlinkError) in
            (try routes.links(), try routes.addresses())
        }.flatMap { links, addresses in
            InterfaceChoice.choose(for: address, named: name, links: links, addresses: addresses)
        }
    }

    func link(_ name: String, _ what: String) -> Result<Link, AddressFailure> {
        AddressFailure.attempt(what, on: name) { () throws(NetlinkError) in
            try routes.links().first { $0.name == name }
        }.flatMap { link in
            if let link { return .success(link) }
            return .failure(
                AddressFailure(
                    what: what, reason: "there is no such interface", source: .interface,
                    advice: "see who removed \(name), or name another in the configuration"))
        }
    }

    func addresses() throws(NetlinkError) -> [ConfiguredAddress] { try routes.addresses() }

    func links() throws(NetlinkError) -> [Link] { try routes.links() }

    // MARK: On the interface

    /// Of the address alone; one that is there keeps the time that it has.
    func add(
        _ prefix: Prefix, on link: Link, validSeconds: UInt32
    ) -> Result<RouteSession.Addition, AddressFailure> {
        AddressFailure.attempt(Self.adding(prefix, to: link.name), on: link.name) {
            () throws(NetlinkError) in
            try routes.add(
                Self.alone(prefix), interfaceIndex: link.index, validSeconds: validSeconds,
                mark: mark)
        }
    }

    static func adding(_ prefix: Prefix, to interface: String) -> String {
        "cannot add \(alone(prefix)) to \(interface)"
    }

    /// Always the address alone, as /32 or /128; the length in the configuration only served to
    /// find the interface. With the network's length it would be one of the subnet's addresses, and
    /// where promote_secondaries is 0 (the kernel's default) removing a subnet's first address
    /// removes all the others: giving up the write address could take the host's own with it. It
    /// would also add a second route to the network.
    private static func alone(_ prefix: Prefix) -> Prefix {
        guard let alone = Prefix(address: prefix.address, length: prefix.address.bitCount) else {
            preconditionFailure("a family's own bit count fits it")
        }
        return alone
    }

    static func conflict(
        _ prefix: Prefix, _ present: ConfiguredAddress, on interface: String
    ) -> AddressFailure {
        AddressFailure(
            what: adding(prefix, to: interface),
            reason: "somebody configured it there as \(present.network)", source: .configuration,
            advice: "remove it from the host's own network settings: "
                + "ip address del \(present.network) dev \(interface)")
    }

    /// `false` when it is gone.
    func refresh(
        _ prefix: Prefix, on interfaceIndex: UInt32, validSeconds: UInt32
    ) -> Result<Bool, AddressFailure> {
        AddressFailure.attempt("cannot refresh \(prefix.address)") { () throws(NetlinkError) in
            try routes.refresh(
                Self.alone(prefix), interfaceIndex: interfaceIndex, validSeconds: validSeconds,
                mark: mark)
        }
    }

    /// From wherever it is on this host, with whatever length; returns the interfaces' indices.
    func remove(_ address: IPAddress) -> Result<[UInt32], AddressFailure> {
        AddressFailure.attempt("cannot remove \(address)") { () throws(NetlinkError) in
            var removed: [UInt32] = []
            for present in try routes.addresses() where present.address == address {
                // Only the length counts for the kernel, unless the link is point-to-point.
                let isGone = try routes.remove(
                    Prefix(address: address, length: present.network.length) ?? present.network,
                    interfaceIndex: present.interfaceIndex)
                if isGone { removed.append(present.interfaceIndex) }
            }
            return removed
        }
    }

    func resetConnections(_ address: IPAddress) -> Result<Int, AddressFailure> {
        AddressFailure.attempt("cannot reset the connections to \(address)") {
            () throws(NetlinkError) in
            try connections.resetAll(local: address)
        }
    }

    /// Which of `addresses`, and which marked ones but `spared`, are on this host: sorted, each
    /// once.
    func leftovers(
        of addresses: [IPAddress], sparing spared: [IPAddress],
        _ failures: inout [AddressFailure]
    ) -> [IPAddress] {
        let listed = AddressFailure.attempt("cannot list addresses") { () throws(NetlinkError) in
            try routes.addresses()
        }
        switch listed {
        case .success(let present):
            var found: [IPAddress] = []
            for entry in present
            where addresses.contains(entry.address)
                || (entry.ownershipMark == mark
                    && !spared.contains(entry.address))
            {
                if !found.contains(entry.address) { found.append(entry.address) }
            }
            return found.sorted()
        case .failure(let failure):
            failures.append(failure)
            return []
        }
    }

    // MARK: On the network

    func announce(_ address: IPAddress, on interface: String) -> Result<Int, AddressFailure> {
        link(interface, "cannot announce \(address) on \(interface)").flatMap {
            send(address, on: $0)
        }
    }

    /// Several times each, in turn, without a pause.
    func announce(
        _ addresses: [IPAddress], on interface: String, times: Int
    ) -> Result<Void, AddressFailure> {
        let what = "cannot announce \(addresses.map(\.description).joined(separator: ", "))"
        return link(interface, "\(what) on \(interface)").flatMap { link in
            for address in Array(repeating: addresses, count: times).joined() {
                if case .failure(let failure) = send(address, on: link) { return .failure(failure) }
            }
            return .success(())
        }
    }

    func announced(
        _ addition: RouteSession.Addition, _ address: IPAddress, on link: Link
    ) -> AddressTaking {
        switch send(address, on: link) {
        case .success(let count): AddressTaking(addition: addition, announcements: count)
        case .failure(let failure):
            AddressTaking(addition: addition, announcements: 0, announcementFailure: failure)
        }
    }

    private func send(_ address: IPAddress, on link: Link) -> Result<Int, AddressFailure> {
        guard let hardware = link.hardwareAddress else { return .success(0) }
        return AddressFailure.attempt(
            "cannot announce \(address) on \(link.name)", on: link.name
        ) { () throws(NetlinkError) in
            let frames = Announcement.frames(for: address, at: hardware)
            for frame in frames { try packets.send(frame, interfaceIndex: link.index) }
            return frames.count
        }
    }
}

extension AddressFailure {
    /// What a conversation with the kernel came to.
    static func attempt<Value>(
        _ what: String, on interface: String? = nil, _ body: () throws(NetlinkError) -> Value
    ) -> Result<Value, AddressFailure> {
        do throws(NetlinkError) {
            return .success(try body())
        } catch {
            return .failure(AddressFailure(what, because: error, interface: interface))
        }
    }
}
