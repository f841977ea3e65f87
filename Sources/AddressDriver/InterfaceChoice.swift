public import Addressing
public import Netlink

/// Which interface an address belongs on: the one whose network the address lies in.
public enum InterfaceChoice {
    /// Chooses among a host's interfaces. Exactly one that is up must have the address in one of
    /// its networks; `name` overrides the networks, and then the interface need only exist and be
    /// up. A missing carrier is no obstacle: it comes back by itself.
    public static func choose(
        for address: IPAddress, named name: String? = nil, links: [Link],
        addresses: [ConfiguredAddress]
    ) -> Result<Link, AddressFailure> {
        if let name { return named(name, for: address, links: links) }
        let indices = addresses.filter {
            // A network of one address is nobody's; the address itself, if a former life left it
            // behind, says nothing of where it belongs.
            $0.network.contains(address) && $0.network.length < address.bitCount
                && $0.address != address
        }.map(\.interfaceIndex)
        let matches = links.filter { !$0.isLoopback && indices.contains($0.index) }
        let usable = matches.filter(\.isUp)
        if let only = usable.first, usable.count == 1 { return .success(only) }
        return .failure(
            failure(address, usable: usable, matches: matches, links: links))
    }

    private static func named(
        _ name: String, for address: IPAddress, links: [Link]
    ) -> Result<Link, AddressFailure> {
        let what = "cannot put \(address) on \(name)"
        guard let link = links.first(where: { $0.name == name }) else {
            return .failure(
                AddressFailure(
                    what: what, reason: "there is no such interface", source: .configuration,
                    advice: "this host has \(list(links.filter { !$0.isLoopback }))"))
        }
        guard link.isUp else {
            return .failure(
                AddressFailure(
                    what: what, reason: "the interface is down", source: .interface,
                    advice: "switch it on: ip link set \(name) up"))
        }
        return .success(link)
    }

    private static func failure(
        _ address: IPAddress, usable: [Link], matches: [Link], links: [Link]
    ) -> AddressFailure {
        let what = "cannot find the interface for \(address)"
        if usable.count > 1 {
            return AddressFailure(
                what: what, reason: "it lies in the networks of \(list(usable))",
                source: .configuration,
                advice: "name the interface in the configuration")
        }
        if let down = matches.first {
            return AddressFailure(
                what: what, reason: "it lies in the network of \(list(matches)), which is down",
                source: .interface, advice: "switch it on: ip link set \(down.name) up")
        }
        return AddressFailure(
            what: what, reason: "it lies in no network of this host's interfaces",
            source: .configuration,
            advice: "correct the address, or name one of "
                + list(links.filter { !$0.isLoopback }) + " in the configuration")
    }

    private static func list(_ links: [Link]) -> String {
        links.isEmpty ? "no interface" : links.map(\.name).joined(separator: ", ")
    }
}
