import Addressing
import BalancerCore
import BalancerDriver
import Configuration

/// Which of the places that the file names are this host's to listen on: the file is the same on
/// every host, and an address that is another's is listened on there.
struct Whereabouts {
    /// This host's own.
    private let ownAddresses: [IPAddress]
    /// The balancers' in turn: listened on by all, so that the next one is ready when it comes.
    private let sharedAddresses: [IPAddress]

    init(_ configuration: Configuration, ownAddresses: [IPAddress]) {
        self.ownAddresses = ownAddresses
        sharedAddresses = configuration.groups.compactMap { $0.readAddress?.prefix.address }
    }

    /// Where a group's clients are served on this host: the read address first.
    func places(of group: Configuration.Group) -> [BalancerListener] {
        var places: [BalancerListener] = []
        if let address = group.readAddress, let port = group.readPort {
            places.append(
                BalancerListener(
                    endpoint: Endpoint(address: address.prefix.address, port: port),
                    service: .read, isSecured: group.readIsSecured))
        }
        for listener in group.listeners where isHere(listener) {
            places += (listener.address.map { [$0] } ?? everyAddress).map { address in
                BalancerListener(
                    endpoint: Endpoint(address: address, port: listener.port),
                    service: Service(listener.service), freshness: Freshness(listener),
                    isSecured: listener.isSecured)
            }
        }
        return places
    }

    /// Of both families where both are spoken: a kernel without IPv6 refuses its address.
    private var everyAddress: [IPAddress] {
        let v6 = IPAddress.v6(IPv6Address(high: 0, low: 0))
        let isSpoken = (ownAddresses + sharedAddresses).contains { $0.bitCount == v6.bitCount }
        return [.v4(IPv4Address(bits: 0))] + (isSpoken ? [v6] : [])
    }

    /// Whether this host listens there, be it that the address is not here now.
    func isHere(_ listener: Configuration.Listener) -> Bool {
        guard let address = listener.address else { return true }
        return ownAddresses.contains(address) || sharedAddresses.contains(address)
    }
}

extension Configuration.Group {
    /// Balancers take writes for it.
    var takesWrites: Bool {
        listeners.contains { listener in
            switch listener.service {
            case .read: false
            case .write, .auto: true
            }
        }
    }
}

extension Service {
    init(_ service: Configuration.Service) {
        self =
            switch service {
            case .read: .read
            case .write: .write
            case .auto: .auto
            }
    }
}

extension Freshness {
    init(_ listener: Configuration.Listener) {
        self.init(ageMax: listener.stalenessMax, showsOwnWrites: listener.showsOwnWrites)
    }
}

extension Configuration.Service {
    init(_ service: Service) {
        self =
            switch service {
            case .read: .read
            case .write: .write
            case .auto: .auto
            }
    }
}
