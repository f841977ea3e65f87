internal import Glibc

/// How many descriptors the process may have.
public enum OpenFileLimit {
    /// For all that is no client: links to servers and Sentinels, listeners, files (Redis keeps as
    /// many).
    static let reservedCount = 32

    /// Raises the limit as far as this process may, and says how many clients there is room for
    /// then.
    public static func raise() -> Int {
        var limit = rlimit()
        // An enumeration in C, for which the two headers disagree about its type.
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return Int.max }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        return max(1, Int(clamping: limit.rlim_cur) - reservedCount)
    }
}
