public import Addressing
internal import CLinux
internal import Glibc

/// An address on an interface of this host.
public struct ConfiguredAddress: Equatable, Sendable {
    /// This host's own end.
    public var address: IPAddress
    /// The network that the kernel reaches directly because of it: the same address with its
    /// length, or the other end's on a point-to-point link.
    public var network: Prefix
    /// ``Link/index`` of the interface that has it.
    public var interfaceIndex: UInt32
    /// Never chosen as a source of new connections (IFA_F_DEPRECATED: preferred lifetime over).
    public var isDeprecated: Bool
    /// IPv6 only: not usable, since duplicate detection runs or has found another owner.
    public var isTentative: Bool
    /// Seconds until the kernel removes it (valid_lft); `nil` for never.
    public var validSeconds: UInt32?
    /// Who configured it (IFA_PROTO, Linux 5.18); 0 where unknown.
    public var ownershipMark: UInt8

    /// For tests and for those who choose among addresses.
    public init(
        address: IPAddress, network: Prefix, interfaceIndex: UInt32, isDeprecated: Bool = false,
        isTentative: Bool = false, validSeconds: UInt32? = nil, ownershipMark: UInt8 = 0
    ) {
        self.address = address
        self.network = network
        self.interfaceIndex = interfaceIndex
        self.isDeprecated = isDeprecated
        self.isTentative = isTentative
        self.validSeconds = validSeconds
        self.ownershipMark = ownershipMark
    }

    /// What Baton writes into IFA_PROTO of its write addresses: 'B'. The kernel's own are 1 to 3.
    public static let batonMark: UInt8 = 0x42
    /// Of the addresses that it has by VRRP: 'V'. Apart, so that neither part of Baton takes the
    /// other's addresses for what a former life has left.
    public static let virtualRouterMark: UInt8 = 0x56
}

extension ConfiguredAddress {
    /// Octets of `ifaddrmsg`.
    private static let fixedLength = 8

    /// Reads RTM_NEWADDR and RTM_DELADDR; `nil` for any other message or family.
    init?(_ message: Message) {
        let body = message.payload
        guard [RTM_NEWADDR, RTM_DELADDR].contains(Int(message.type)),
            let family = body.native(UInt8.self),
            let length = body.native(UInt8.self, at: 1),
            let oldFlags = body.native(UInt8.self, at: 2),
            let index = body.native(UInt32.self, at: 4),
            let attributes = Attribute.scan(body.dropFirst(Self.fixedLength)),
            let far = attributes.value(IFA_ADDRESS) ?? attributes.value(IFA_LOCAL),
            let farAddress = IPAddress(family: family, octets: far),
            let address = IPAddress(
                family: family, octets: attributes.value(IFA_LOCAL) ?? far),
            let network = Prefix(address: farAddress, length: Int(length))
        else { return nil }
        // IFA_FLAGS (3.14) holds those that do not fit the old octet.
        let flags =
            attributes.value(IFA_FLAGS)?.native(UInt32.self) ?? UInt32(oldFlags)
        self.address = address
        self.network = network
        interfaceIndex = index
        isDeprecated = flags & UInt32(IFA_F_DEPRECATED) != 0
        isTentative = flags & UInt32(IFA_F_TENTATIVE | IFA_F_DADFAILED) != 0
        // `ifa_cacheinfo`: seconds preferred, seconds valid.
        let valid = attributes.value(IFA_CACHEINFO)?.native(UInt32.self, at: 4)
        validSeconds = valid == .max ? nil : valid
        ownershipMark =
            attributes.value(clinuxAddressProtocol)?.native(UInt8.self) ?? 0
    }

    /// RTM_GETADDR for all addresses of both families.
    static func listRequest() -> MessageWriter {
        var request = MessageWriter(type: RTM_GETADDR, flags: NLM_F_REQUEST | NLM_F_DUMP)
        request.append(Array(repeating: 0, count: fixedLength))
        return request
    }

    /// RTM_NEWADDR for an address that is never a source and is usable at once.
    ///
    /// - Parameters:
    ///   - isReplacing: change the lifetimes of one that is there, instead of EEXIST.
    ///   - isMarked: say that it is Baton's (IFA_PROTO), by `mark`.
    ///   - validSeconds: until the kernel removes it; `nil` for never.
    static func additionRequest(
        _ prefix: Prefix, interfaceIndex: UInt32, isReplacing: Bool, isMarked: Bool,
        mark: UInt8 = batonMark, validSeconds: UInt32? = nil
    ) -> MessageWriter {
        var request = MessageWriter(
            type: RTM_NEWADDR,
            flags: NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE
                | (isReplacing ? NLM_F_REPLACE : NLM_F_EXCL))
        request.appendAddress(prefix, interfaceIndex: interfaceIndex)
        if case .v6 = prefix.address {
            // Duplicate detection would keep the address silent for a second or more; Baton
            // knows by its own protocol who holds it.
            request.attribute(IFA_FLAGS, native: UInt32(IFA_F_NODAD))
        }
        // Preferred for 0 s: valid, but not to be the source of replication and health checks,
        // which would break when the address moves. IPv6 heeds it (RFC 6724 section 5, rule 3).
        // IPv4 only shows it: there the source is the first address of the gateway's network,
        // which an address that is a network of its own is not.
        request.attribute(
            IFA_CACHEINFO, octets: lifetimes(preferred: 0, valid: validSeconds ?? .max))
        if isMarked {
            request.attribute(clinuxAddressProtocol, native: mark)
        }
        return request
    }

    /// RTM_DELADDR. The kernel removes only what matches address and length.
    static func removalRequest(_ prefix: Prefix, interfaceIndex: UInt32) -> MessageWriter {
        var request = MessageWriter(type: RTM_DELADDR, flags: NLM_F_REQUEST | NLM_F_ACK)
        request.appendAddress(prefix, interfaceIndex: interfaceIndex)
        return request
    }

    /// `ifa_cacheinfo`: seconds preferred and valid (the maximum means for ever), then two
    /// timestamps that the kernel fills.
    private static func lifetimes(preferred: UInt32, valid: UInt32) -> [UInt8] {
        [preferred, valid, 0, 0].flatMap { value in withUnsafeBytes(of: value) { Array($0) } }
    }
}

extension MessageWriter {
    /// `ifaddrmsg` and the address, as adding and removing have in common.
    fileprivate mutating func appendAddress(_ prefix: Prefix, interfaceIndex: UInt32) {
        appendNative(prefix.address.family)
        appendNative(UInt8(prefix.length))
        appendNative(UInt8(0))  // Flags: IFA_FLAGS has them all.
        appendNative(UInt8(0))  // Scope: the universe.
        appendNative(interfaceIndex)
        attribute(IFA_LOCAL, octets: prefix.address.octets)
        attribute(IFA_ADDRESS, octets: prefix.address.octets)
    }
}

extension IPAddress {
    /// AF_INET or AF_INET6.
    var family: UInt8 {
        switch self {
        case .v4: UInt8(AF_INET)
        case .v6: UInt8(AF_INET6)
        }
    }

    /// `nil` unless the family is known and has as many octets (or more, which are ignored).
    init?(family: UInt8, octets: ArraySlice<UInt8>) {
        switch Int32(family) {
        case AF_INET:
            guard let bits = octets.network(UInt32.self) else { return nil }
            self = .v4(IPv4Address(bits: bits))
        case AF_INET6:
            guard let high = octets.network(UInt64.self),
                let low = octets.network(UInt64.self, at: 8)
            else { return nil }
            self = .v6(IPv6Address(high: high, low: low))
        default:
            return nil
        }
    }
}
