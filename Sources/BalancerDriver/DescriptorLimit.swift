internal import Glibc

/// How many descriptors the process may have, and how many of them clients may take.
enum DescriptorLimit {
    /// For all that is no client: connections to servers, listeners, files.
    static let reserved = 64

    /// Raises the limit as far as it may be, and shares it among the reactors. A tenth stays for
    /// connections of clients' own, so that they find one when every client's place is taken.
    static func clientCountMax(reactorCount: Int) -> Int {
        var limit = rlimit()
        // An enumeration in C, for which the two headers disagree about its type.
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return Int.max }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        let count = Int(clamping: limit.rlim_cur)
        return share(of: count, reactorCount: reactorCount)
    }

    static func share(of descriptorCount: Int, reactorCount: Int) -> Int {
        max(1, (descriptorCount - reserved) / 10 * 9 / max(1, reactorCount))
    }
}
