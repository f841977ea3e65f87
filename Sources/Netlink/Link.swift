public import Addressing
internal import CLinux
internal import Glibc

/// A network interface.
public struct Link: Equatable, Sendable {
    /// The kernel's number for it; a recreated interface has another.
    public var index: UInt32
    /// As `ip link` shows it, up to 15 characters.
    public var name: String
    /// Ethernet's address; `nil` on interfaces that have none (tunnels, loopback).
    public var hardwareAddress: MACAddress?
    /// Switched on by the administrator.
    public var isUp: Bool
    /// The wire (or its virtual twin) is alive.
    public var hasCarrier: Bool
    /// Never on a network: no address of it says where another belongs.
    public var isLoopback: Bool

    /// For tests and for those who choose among links.
    public init(
        index: UInt32, name: String, hardwareAddress: MACAddress?, isUp: Bool, hasCarrier: Bool,
        isLoopback: Bool = false
    ) {
        self.index = index
        self.name = name
        self.hardwareAddress = hardwareAddress
        self.isUp = isUp
        self.hasCarrier = hasCarrier
        self.isLoopback = isLoopback
    }
}

extension Link {
    /// Octets of `ifinfomsg`.
    private static let fixedLength = 16

    /// Reads RTM_NEWLINK and RTM_DELLINK; `nil` for any other message, and for those of a bridge
    /// about its ports (family AF_BRIDGE), where "deleted" means only "left the bridge".
    init?(_ message: Message) {
        let body = message.payload
        guard [RTM_NEWLINK, RTM_DELLINK].contains(Int(message.type)),
            body.native(UInt8.self) == UInt8(AF_UNSPEC),
            let kind = body.native(UInt16.self, at: 2),
            let index = body.native(Int32.self, at: 4), index > 0,
            let flags = body.native(UInt32.self, at: 8),
            let attributes = Attribute.scan(body.dropFirst(Self.fixedLength)),
            let name = attributes.text(IFLA_IFNAME)
        else { return nil }
        self.index = UInt32(index)
        self.name = name
        hardwareAddress = nil
        if Int32(kind) == ARPHRD_ETHER, let octets = attributes.value(IFLA_ADDRESS),
            octets.count == 6
        {
            hardwareAddress = MACAddress(bits: octets.reduce(0) { $0 << 8 | UInt64($1) })
        }
        isUp = flags & IFF_UP.rawValue != 0
        // IFLA_CARRIER is the wire itself; IFF_RUNNING also waits for link-watch's second.
        hasCarrier =
            attributes.value(IFLA_CARRIER)?.native(UInt8.self).map { $0 != 0 }
            ?? (flags & IFF_RUNNING.rawValue != 0)
        isLoopback = flags & IFF_LOOPBACK.rawValue != 0
    }

    /// RTM_GETLINK for all interfaces.
    static func listRequest() -> MessageWriter {
        var request = MessageWriter(type: RTM_GETLINK, flags: NLM_F_REQUEST | NLM_F_DUMP)
        request.append(Array(repeating: 0, count: fixedLength))
        return request
    }
}
