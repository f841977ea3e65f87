public import Addressing
internal import Glibc

/// Refusing and silencing addresses, and fencing servers: what lasts until it is taken back.
extension LeaseFilter {
    /// Refuses new connections to `address`, with a reset, from when this returns; established ones
    /// live on.
    ///
    /// Barring comes first when an address is given up: whoever is reset and connects again before
    /// the address has gone must not reach the loser. The tables are put right in the same
    /// transaction: a firewall's reload, which flushes the whole ruleset, must not turn this into a
    /// barrier that stops nobody.
    public mutating func bar(_ address: IPAddress) throws(NetlinkError) {
        let set = reference(.inet, SetName.barred(address.ipFamily))
        try require(
            structure() + [set.addition(of: [SetElement(address)])], "bar \(address)")
    }

    /// Admits connections to `address` again; `false` when it was not barred.
    public mutating func unbar(_ address: IPAddress) throws(NetlinkError) -> Bool {
        try remove(
            SetElement(address), from: SetName.barred(address.ipFamily), "unbar \(address)")
    }

    /// The barred addresses, sorted; none when there is no table.
    public mutating func barred() throws(NetlinkError) -> [IPAddress] {
        try addresses(in: SetName.barred, "list the barred addresses")
    }

    /// Ends the silence that ``close(_:port:_:)`` began; `false` when there was none.
    public mutating func unhush(_ address: IPAddress) throws(NetlinkError) -> Bool {
        try remove(
            SetElement(address), from: SetName.hushed(address.ipFamily), "unhush \(address)")
    }

    /// The hushed addresses, sorted; none when there is no table.
    public mutating func hushed() throws(NetlinkError) -> [IPAddress] {
        try addresses(in: SetName.hushed, "list the hushed addresses")
    }

    /// Keeps all but trusted hosts and this host itself from a TCP port of this host, unless and
    /// until a lease admits them. Whoever is connected is reset when it says something, and hears
    /// nothing that the server says.
    public mutating func fence(_ port: UInt16) throws(NetlinkError) {
        let set = reference(.inet, SetName.fencedPorts)
        try require(
            structure() + [set.addition(of: [SetElement(port: port)])], "fence port \(port)")
        if !fencedPorts.contains(port) { fencedPorts.append(port) }
    }

    /// Opens a port to everybody; `false` when it was not fenced.
    public mutating func unfence(_ port: UInt16) throws(NetlinkError) -> Bool {
        fencedPorts.removeAll { $0 == port }
        return try remove(SetElement(port: port), from: SetName.fencedPorts, "unfence port \(port)")
    }

    /// The fenced ports, sorted; none when there is no table.
    public mutating func fenced() throws(NetlinkError) -> [UInt16] {
        let operation = "list the fenced ports"
        var ports: [UInt16] = []
        for element in try elements(of: SetName.fencedPorts, operation) {
            guard let port = element.port else { throw .malformed(operation: operation) }
            ports.append(port)
        }
        return ports.sorted()
    }

    private mutating func remove(
        _ element: SetElement, from set: String, _ operation: String
    ) throws(NetlinkError) -> Bool {
        let removal = reference(.inet, set).removal(of: element)
        guard let refusal = try commit([removal], operation) else { return true }
        if refusal.verdict.errno == ENOENT { return false }
        throw Self.error(refusal, operation)
    }

    private mutating func addresses(
        in set: (IPFamily) -> String, _ operation: String
    ) throws(NetlinkError) -> [IPAddress] {
        var addresses: [IPAddress] = []
        for family in IPFamily.allCases {
            for element in try elements(of: set(family), operation) {
                guard let address = element.address, address.ipFamily == family else {
                    throw .malformed(operation: operation)
                }
                addresses.append(address)
            }
        }
        return addresses.sorted()
    }
}
