public import Addressing

/// Judges what arrives for one virtual router (RFC 9568 section 7.1, RFC 3768 section 7.1), and
/// counts it.
public struct Reception: Equatable, Sendable {
    /// What has arrived so far, since this host began to take part.
    public struct Counts: Equatable, Sendable {
        /// Advertisements that were heeded.
        public fileprivate(set) var accepted = 0
        /// Of those of version 3 over IPv4: with the pseudo-header in the checksum, as keepalived
        /// and RFC 5798 have it.
        public fileprivate(set) var withPseudoHeader = 0
        /// Of those of version 3 over IPv4: without, as RFC 9568 has it.
        public fileprivate(set) var withoutPseudoHeader = 0
        /// Heeded although the list of addresses is not ours: a fault of the configuration
        /// (RFC 9568 section 7.1 lets one log it).
        public fileprivate(set) var otherAddresses = 0
        /// Heeded although the interval is not ours: version 3 follows the active host's.
        public fileprivate(set) var otherIntervals = 0
        private var refused = [Int](
            repeating: 0, count: AdvertisementRefusal.Kind.allCases.count)

        public init() {}

        /// How many were refused for a reason.
        public func refused(_ kind: AdvertisementRefusal.Kind) -> Int { refused[kind.rawValue] }

        fileprivate mutating func add(_ kind: AdvertisementRefusal.Kind) {
            refused[kind.rawValue] += 1
        }
    }

    public private(set) var counts = Counts()
    private let settings: VirtualRouterSettings

    public init(settings: VirtualRouterSettings) {
        self.settings = settings
    }

    /// The advertisement in a packet, when it is one that this host must heed.
    ///
    /// - Parameter own: the address that this host itself advertises from.
    public mutating func admit(
        _ datagram: VRRPDatagram, own: IPAddress
    ) throws(AdvertisementRefusal) -> Advertisement {
        do throws(AdvertisementRefusal) {
            let (advertisement, form) = try judge(datagram, own)
            counts.accepted += 1
            if case (.three, .v4) = (advertisement.version, datagram.source) {
                switch form {
                case .pseudoHeader: counts.withPseudoHeader += 1
                case .messageOnly: counts.withoutPseudoHeader += 1
                }
            }
            if advertisement.addresses != settings.addresses { counts.otherAddresses += 1 }
            if advertisement.interval != settings.interval { counts.otherIntervals += 1 }
            return advertisement
        } catch {
            counts.add(error.kind)
            throw error
        }
    }

    /// The same for a whole IPv4 packet; its header is judged as well.
    public mutating func admit(
        ipv4 packet: ArraySlice<UInt8>, own: IPAddress
    ) throws(AdvertisementRefusal) -> (Advertisement, from: IPAddress) {
        let datagram: VRRPDatagram
        do throws(AdvertisementRefusal) {
            datagram = try VRRPDatagram(ipv4: packet)
        } catch {
            counts.add(error.kind)
            throw error
        }
        return (try admit(datagram, own: own), datagram.source)
    }

    private func judge(
        _ datagram: VRRPDatagram, _ own: IPAddress
    ) throws(AdvertisementRefusal) -> (Advertisement, ChecksumForm) {
        // First, so that another virtual router's packets are never taken for broken ones of ours.
        if let id = datagram.message.dropFirst().first, id != settings.virtualRouterID {
            throw .otherVirtualRouter(id)
        }
        try judgeHeader(datagram, own)
        let (advertisement, form) = try Advertisement.decode(datagram)
        guard advertisement.version == settings.version else {
            throw .version(advertisement.version.rawValue)
        }
        if advertisement.version == .two, advertisement.interval != settings.interval {
            throw .interval(advertisement.interval)
        }
        if let first = advertisement.addresses.first, first.bitCount == 128,
            settings.requiresLinkLocal, !first.isLinkLocal
        {
            throw .notLinkLocal(first)
        }
        return (advertisement, form)
    }

    private func judgeHeader(
        _ datagram: VRRPDatagram, _ own: IPAddress
    ) throws(AdvertisementRefusal) {
        if datagram.source == own { throw .ownAddress }
        if settings.peers.isEmpty {
            guard settings.destinations.contains(datagram.destination) else {
                throw .destination(datagram.destination)
            }
            guard datagram.hopLimit == Advertisement.hopLimit else {
                throw .hopLimit(datagram.hopLimit)
            }
        } else {
            // Peers may be behind routers, so their hop limit says nothing; who they are does.
            guard datagram.destination == own else { throw .destination(datagram.destination) }
            guard settings.peers.contains(datagram.source) else {
                throw .unknownPeer(datagram.source)
            }
        }
    }
}
