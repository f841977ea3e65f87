import Addressing
import MonotonicTime
import SentinelCore

/// What names came to. Nothing waits for one: whoever brought a name that is not known yet is
/// heard again, with his next hello or report.
struct NameTable: Sendable {
    /// Only looked up: order never reaches an effect.
    private var addresses: [String: IPAddress] = [:]
    /// Asked for and not answered. Only looked up: order never reaches an effect.
    private var awaited: Set<String> = []

    /// More different names than this are not resolved: strangers may bring any.
    static let countMax = 4096

    func address(of host: String) -> IPAddress? { addresses[host] }

    /// False when it was asked for already, or cannot be.
    mutating func ask(_ host: String) -> Bool {
        let isNew = addresses[host] == nil
        guard !isNew || addresses.count + awaited.count < Self.countMax, host.utf8.count <= 253
        else { return false }
        return awaited.insert(host).inserted
    }

    mutating func answer(_ host: String, _ address: IPAddress?) {
        awaited.remove(host)
        if let address { addresses[host] = address }
    }
}

/// Names and addresses.
extension DropIn {
    /// A place as somebody wrote it; `nil` when it is no address, and no name that is known by now.
    mutating func place(
        host: String, port: UInt16, _ effects: inout [DropInEffect]
    ) -> Place? {
        if let address = IPAddress(host) { return Place(host: host, address: address, port: port) }
        guard globals.resolvesHostnames else { return nil }
        if let address = names.address(of: host) {
            return Place(host: host, address: address, port: port)
        }
        resolve(host, &effects)
        return nil
    }

    mutating func resolve(_ host: String, _ effects: inout [DropInEffect]) {
        guard IPAddress(host) == nil, globals.resolvesHostnames, names.ask(host) else { return }
        effects.append(.resolve(host))
    }

    /// What a name came to may be news to instances that are called by it.
    mutating func resolved(
        _ host: String, _ address: IPAddress?, _ effects: inout [DropInEffect]
    ) {
        names.answer(host, address)
        guard let address else {
            return announce(.alarm, "Failed to resolve hostname '\(host)'", &effects)
        }
        primaries = nil
        for group in groups.indices {
            for server in groups[group].servers.indices
            where groups[group].servers[server].place.host == host
                && groups[group].servers[server].place.address != address
            {
                groups[group].servers[server].place.address = address
                dropLinks(groups[group].servers[server].connection, &effects)
            }
            for peer in groups[group].peers.indices
            where groups[group].peers[peer].place.host == host
                && groups[group].peers[peer].place.address != address
            {
                groups[group].peers[peer].place.address = address
                dropLinks(groups[group].peers[peer].connection, &effects)
            }
        }
    }

    /// The same server or Sentinel, whatever it was called.
    func isSame(_ left: Place, _ right: Place) -> Bool {
        guard left.port == right.port else { return false }
        if let address = left.address, let other = right.address { return address == other }
        return left.host.lowercased() == right.host.lowercased()
    }

    /// Whether `host` and `port`, as somebody wrote them, are `place`.
    func isSame(_ place: Place, host: String, port: UInt16) -> Bool {
        guard place.port == port else { return false }
        if place.host == host { return true }
        return isSame(
            place,
            Place(
                host: host, address: IPAddress(host) ?? names.address(of: host), port: port))
    }

    /// How an instance's host is called to others.
    func announced(_ place: Place) -> String {
        if globals.announcesHostnames { return place.host }
        return place.address?.description ?? place.host
    }
}
