import LeaseCore
import MonotonicTime
import SecurityTerms
import SentinelCore

extension Configuration {
    /// A number for everything that must be the same on every host, so that nodes can say whose
    /// file differs. Passwords, paths and scripts are left out.
    public var digest: UInt64 {
        var lines = ["port \(port)"]
        lines.append("lease \(lease.promise.milliseconds) \(declaredUse.milliseconds)")
        if security.securesServers { lines.append("tls-replication") }
        lines += hosts.map { "host \($0.name) \($0.address) \($0.role.rawValue)" }
        for group in groups {
            let settings = group.settings
            lines.append(
                "group \(settings.name) \(settings.primary) \(settings.quorum) "
                    + "\(settings.downAfter.milliseconds) "
                    + "\(settings.failoverTimeout.milliseconds) \(settings.parallelSyncs) "
                    + "\(settings.trustsEvidence)")
            if let safety = settings.writeSafety {
                lines.append("write-safety \(settings.name) \(safety.boundSeconds ?? 0)")
            }
            if let address = group.writeAddress {
                lines.append("write-address \(settings.name) \(address.prefix)")
            }
            if let address = group.readAddress {
                lines.append(
                    "read-address \(settings.name) \(address.prefix) \(group.readPort ?? 0) "
                        + "\(group.routerID ?? 0)")
            }
        }
        // The order of lines means nothing.
        return FNV1a.hash(lines.sorted().joined(separator: "\n"))
    }

    /// What a host's own kernel enforces, and the D that it leaves, may differ.
    private var declaredUse: Interval {
        switch lease.enforcement {
        case .packetFilter: lease.use
        case .addressLifetime: LeaseTerms(promise: lease.promise).use
        }
    }
}
