public import Addressing
public import MonotonicTime

/// Why what arrived as IP protocol 112 is not heeded. None of it can be our own mistake: it is what
/// a peer sent, or what somebody on the way made of it.
public enum AdvertisementRefusal: Error, Equatable, Sendable {
    /// The IP header is cut off, or says more than there is.
    case brokenHeader
    /// Shorter than a message's fixed part, or not exactly as long as it says.
    case length(expected: Int, actual: Int)
    /// Of another virtual router on this network: no error.
    case otherVirtualRouter(UInt8)
    /// It came through a router (RFC 9568 section 7.1).
    case hopLimit(UInt8)
    /// To the group where unicast is spoken, or to us alone where multicast is.
    case destination(IPAddress)
    /// Unicast from somebody who is not among the peers.
    case unknownPeer(IPAddress)
    /// From our own address: our packet come back, or a second host with the address.
    case ownAddress
    /// Not the version that this virtual router speaks, or version 2 over IPv6.
    case version(UInt8)
    /// There is only type 1.
    case type(UInt8)
    /// Neither form of the checksum is right.
    case checksum
    /// Version 2 with a password: RFC 3768 section 5.3.6 knows none.
    case authentication(UInt8)
    /// An interval of 0 (erratum 8301 to RFC 9568).
    case zeroInterval
    /// A list of no addresses (erratum 8299 to RFC 9568).
    case noAddresses
    /// Version 2 with another interval than ours (RFC 3768 section 7.1).
    case interval(Interval)
    /// The first IPv6 address is not link-local (RFC 9568 section 5.2.9, erratum 8300).
    case notLinkLocal(IPAddress)

    /// By what refusals are counted.
    public enum Kind: Int, Equatable, Sendable, CaseIterable {
        case brokenHeader, length, otherVirtualRouter, hopLimit, destination, unknownPeer
        case ownAddress, version, type, checksum, authentication, zeroInterval, noAddresses
        case interval, notLinkLocal
    }

    public var kind: Kind {
        switch self {
        case .brokenHeader: .brokenHeader
        case .length: .length
        case .otherVirtualRouter: .otherVirtualRouter
        case .hopLimit: .hopLimit
        case .destination: .destination
        case .unknownPeer: .unknownPeer
        case .ownAddress: .ownAddress
        case .version: .version
        case .type: .type
        case .checksum: .checksum
        case .authentication: .authentication
        case .zeroInterval: .zeroInterval
        case .noAddresses: .noAddresses
        case .interval: .interval
        case .notLinkLocal: .notLinkLocal
        }
    }
}

extension AdvertisementRefusal: CustomStringConvertible {
    /// For the log: what is wrong, and where it helps, what to do.
    public var description: String {
        switch self {
        case .brokenHeader: "its IP header is broken"
        case .length(let expected, let actual): "it has \(actual) octets instead of \(expected)"
        case .otherVirtualRouter(let id): "it is virtual router \(id)'s"
        case .hopLimit(let limit): "its hop limit is \(limit) instead of 255: it was routed"
        case .destination(let address):
            "it was sent to \(address): one side speaks unicast, the other multicast"
        case .unknownPeer(let address): "\(address) is not among the peers"
        case .ownAddress: "it comes from this host's own address: see who else has it"
        case .version(let version): "it is of version \(version)"
        case .type(let type): "it is of type \(type)"
        case .checksum: "its checksum is wrong"
        case .authentication(let type):
            "it has authentication of type \(type): use none on the other hosts"
        case .zeroInterval: "its interval is 0"
        case .noAddresses: "it names no address"
        case .interval(let interval):
            "its interval is \(interval.milliseconds) ms: version 2 wants the same on all hosts"
        case .notLinkLocal(let address): "its first address, \(address), is not link-local"
        }
    }
}
