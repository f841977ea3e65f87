public import Addressing
public import MonotonicTime

/// One Sentinel that watches every group of a crowd.
public final class CrowdWatcher: Sendable {
    /// redis-sentinel, or a program in its place.
    public enum Kind: Sendable {
        case redisSentinel
        /// `baton sentinel`, by its path.
        case baton(String)
    }

    public let program: Program
    /// Where it listens.
    public let endpoint: Endpoint

    private static let port: UInt16 = 26_379

    /// Starts it on a host with a file that names every group, with a quorum of one.
    ///
    /// - Parameter downAfter: `nil`: Sentinel's own 30 s.
    public init(
        _ kind: Kind = .redisSentinel, on host: Host, _ laboratory: Laboratory,
        watching crowd: ServerCrowd, downAfter: Interval? = nil
    ) throws(LaboratoryError) {
        var lines = ["port \(Self.port)", "protected-mode no", "dir \(laboratory.directory)"]
        for group in 0..<crowd.groupCount {
            let primary = crowd.endpoint(group: group, member: 0)
            lines.append("sentinel monitor group\(group) \(primary.address) \(primary.port) 1")
            if let downAfter {
                lines.append(
                    "sentinel down-after-milliseconds group\(group) \(downAfter.milliseconds)")
            }
        }
        let path = "\(laboratory.directory)/crowd-sentinel.conf"
        try Files.write(lines.map { $0 + "\n" }.joined(), to: path)
        switch kind {
        case .redisSentinel:
            program = try host.launch(
                "redis-server", [path, "--sentinel"], name: "redis-sentinel")
        case .baton(let executable):
            program = try host.launch(executable, ["sentinel", path], name: "baton-sentinel")
        }
        endpoint = Endpoint(address: .v4(host.address(on: .internal)), port: Self.port)
    }
}
