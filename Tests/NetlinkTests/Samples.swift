/// Datagrams as the kernel sends them, field by field.
enum Samples {
    static let all = [
        link, address, refusal, connection, elements, table, chain, rule, tableGone + generation,
    ]

    /// RTM_NEWLINK of eth0.
    static let link: [UInt8] = [
        [64, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],  // Header: type 16.
        [0, 0, 1, 0],  // Family AF_UNSPEC, padding, ARPHRD_ETHER.
        [2, 0, 0, 0],  // Index.
        [0x43, 0x10, 0x01, 0x00],  // UP, BROADCAST, RUNNING, MULTICAST, LOWER_UP.
        [0, 0, 0, 0],  // Change mask.
        [9, 0, 3, 0, 0x65, 0x74, 0x68, 0x30, 0, 0, 0, 0],  // IFLA_IFNAME "eth0".
        [10, 0, 1, 0, 0x02, 0xFC, 0, 0, 0, 0x01, 0, 0],  // IFLA_ADDRESS.
        [5, 0, 33, 0, 1, 0, 0, 0],  // IFLA_CARRIER.
    ].flatMap { $0 }

    /// RTM_DELADDR of 10.18.14.94/32.
    static let address: [UInt8] = [
        [56, 0, 0, 0, 21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],  // Header: type 21.
        [2, 32, 0x80, 0],  // AF_INET, length, IFA_F_PERMANENT, scope.
        [2, 0, 0, 0],  // Index.
        [8, 0, 1, 0, 10, 18, 14, 94],  // IFA_ADDRESS
        [8, 0, 2, 0, 10, 18, 14, 94],  // IFA_LOCAL
        [8, 0, 8, 0, 0xA0, 0, 0, 0],  // IFA_FLAGS: PERMANENT, DEPRECATED.
        [5, 0, 11, 0, 0x42, 0, 0, 0],  // IFA_PROTO: Baton's.
    ].flatMap { $0 }

    /// NLMSG_ERROR: EINVAL, with the kernel's words.
    static let refusal: [UInt8] = [
        [48, 0, 0, 0, 2, 0, 0, 3, 7, 0, 0, 0, 0, 0, 0, 0],  // Header: capped, with attributes.
        [0xEA, 0xFF, 0xFF, 0xFF],  // -22
        [40, 0, 0, 0, 20, 0, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0],  // The request's header.
        [9, 0, 1, 0, 0x77, 0x68, 0x79, 0x3F, 0, 0, 0, 0],  // NLMSGERR_ATTR_MSG "why?"
    ].flatMap { $0 }

    /// `inet_diag_msg` of an IPv6 socket that has an IPv4 connection.
    static let connection: [UInt8] = [
        [88, 0, 0, 0, 20, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0],  // Header: SOCK_DIAG_BY_FAMILY.
        [10, 1, 0, 0],  // AF_INET6, established, no timer, no retransmission.
        [0x18, 0xEB, 0x9C, 0x40],  // Ports 6379 and 40000.
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 18, 14, 94],  // Local.
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 18, 13, 2],  // Remote.
        [0, 0, 0, 0],  // Interface: any.
        [1, 0, 0, 0, 2, 0, 0, 0],  // Cookie.
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],  // Expires … inode.
    ].flatMap { $0 }

    /// Elements of a set, one of them with an end.
    static let elements: [UInt8] = [
        [96, 0, 0, 0, 12, 10, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0],  // Header: NFT_MSG_NEWSETELEM.
        [1, 0, 0, 5],  // nfgenmsg: inet, version, generation.
        [10, 0, 1, 0, 0x62, 0x61, 0x74, 0x6F, 0x6E, 0, 0, 0],  // Table "baton".
        [60, 0, 3, 0x80],  // Elements:
        [16, 0, 1, 0x80, 12, 0, 1, 0x80, 8, 0, 1, 0, 10, 18, 14, 94],  // Element, key, value.
        [40, 0, 1, 0x80, 12, 0, 1, 0x80, 8, 0, 1, 0, 10, 18, 14, 97],
        [12, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x2C],  // Timeout: 300 ms,
        [12, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 212],  // of which so many are left.
        [4, 0, 9, 0],  // An attribute that we do not know.
    ].flatMap { $0 }

    /// NFT_MSG_NEWTABLE of a dormant table.
    static let table: [UInt8] = [
        [40, 0, 0, 0, 0, 10, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [1, 0, 0, 5],
        [10, 0, 1, 0, 0x62, 0x61, 0x74, 0x6F, 0x6E, 0, 0, 0],
        [8, 0, 2, 0, 0, 0, 0, 1],  // NFT_TABLE_F_DORMANT
    ].flatMap { $0 }

    /// NFT_MSG_DELTABLE, of somebody's doing.
    static let tableGone: [UInt8] = [
        [32, 0, 0, 0, 2, 10, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0],
        [1, 0, 0, 5],
        [10, 0, 1, 0, 0x62, 0x61, 0x74, 0x6F, 0x6E, 0, 0, 0],
    ].flatMap { $0 }

    /// NFT_MSG_NEWGEN: a transaction of a program named nft.
    static let generation: [UInt8] = [
        [44, 0, 0, 0, 15, 10, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0],
        [0, 0, 0, 5],
        [8, 0, 1, 0, 0, 0, 0, 5],  // Number.
        [8, 0, 2, 0, 0, 0, 0x10, 0],  // Process.
        [8, 0, 3, 0, 0x6E, 0x66, 0x74, 0],  // Its name.
    ].flatMap { $0 }

    /// NFT_MSG_NEWCHAIN of a chain on an interface's way out.
    static let chain: [UInt8] = [
        [72, 0, 0, 0, 3, 10, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [5, 0, 0, 5],  // nfgenmsg: netdev.
        [10, 0, 1, 0, 0x62, 0x61, 0x74, 0x6F, 0x6E, 0, 0, 0],
        [6, 0, 3, 0, 0x65, 0, 0, 0],  // Name "e".
        [32, 0, 4, 0x80],  // Hook:
        [8, 0, 1, 0, 0, 0, 0, 1],  // NF_NETDEV_EGRESS
        [8, 0, 2, 0, 0, 0, 0, 0],  // Priority.
        [9, 0, 3, 0, 0x65, 0x74, 0x68, 0x30, 0, 0, 0, 0],  // Device "eth0".
    ].flatMap { $0 }

    /// NFT_MSG_NEWRULE of a rule with a comment.
    static let rule: [UInt8] = [
        [52, 0, 0, 0, 6, 10, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [5, 0, 0, 5],
        [10, 0, 1, 0, 0x62, 0x61, 0x74, 0x6F, 0x6E, 0, 0, 0],
        [6, 0, 2, 0, 0x65, 0, 0, 0],  // Chain "e".
        [9, 0, 7, 0, 0, 3, 0x6E, 0x6F, 0, 0, 0, 0],  // User data: comment "no".
    ].flatMap { $0 }
}
