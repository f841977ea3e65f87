internal import Glibc
public import Netlink

/// Why something could not be done about an address, for the person who must see to it.
public struct AddressFailure: Error, Equatable, Sendable {
    /// Where the cause lies.
    public enum Source: Equatable, Sendable {
        /// What Baton was told to do does not fit this host.
        case configuration
        /// Baton lacks a capability.
        case privileges
        /// The interface is down or gone.
        case interface
        /// The kernel cannot, or would not.
        case kernel
    }

    /// What was to be done, with address and interface: "cannot add 10.0.0.1/32 to eth0".
    public var what: String
    /// What stood in the way.
    public var reason: String
    /// Whose fault it is.
    public var source: Source
    /// What to do about it.
    public var advice: String
    /// The kernel's error number; 0 where there is none.
    public var errno: Int32

    /// A failure in words; `errno` where the kernel gave one.
    public init(
        what: String, reason: String, source: Source, advice: String, errno: Int32 = 0
    ) {
        self.what = what
        self.reason = reason
        self.source = source
        self.advice = advice
        self.errno = errno
    }

    /// Adds to the kernel's refusal whose fault it is, and the way out.
    public init(_ what: String, because error: NetlinkError, interface: String? = nil) {
        let (source, advice) = Self.judge(error, interface: interface)
        self.init(
            what: what, reason: error.description, source: source, advice: advice,
            errno: error.errno)
    }

    private static func judge(
        _ error: NetlinkError, interface: String?
    ) -> (Source, advice: String) {
        let name = interface ?? "the interface"
        if case .unsupported(_, _, let need) = error {
            let advice = "use a kernel with \(need), or load its modules"
            let isFilter = need.contains("NF_TABLES")
            return (
                .kernel,
                isFilter ? advice + "; or write `baton enforcement address-lifetime`" : advice
            )
        }
        switch error.errno {
        case EPERM, EACCES:
            return (.privileges, Capability.advice)
        case ENETDOWN:
            return (.interface, "switch it on: ip link set \(name) up")
        case ENODEV, ENXIO:
            return (.interface, "\(name) is gone: see who removed it")
        case EEXIST where interface == nil:
            return (
                .configuration,
                "another program made a table of Baton's name: nft list tables"
            )
        case ENOBUFS:
            // What a packet socket hears when the filter drops its frame.
            return (.kernel, "the address has no lease, or the host is short of memory")
        case ENOMEM:
            return (.kernel, "the host is short of memory")
        default:
            return (.kernel, "see dmesg; if it stays, report it with this line")
        }
    }
}

extension AddressFailure: CustomStringConvertible {
    /// One line: what, why, and what to do.
    public var description: String { "\(what): \(reason); \(advice)" }
}
