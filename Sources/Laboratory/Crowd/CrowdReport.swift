import Addressing

/// The `INFO` of a real server, told by each of a crowd with its own identity and role.
struct CrowdReport: Sendable {
    private let beforeIdentity: String
    private let beforeReplication: String
    private let rest: String

    /// Splits what a real server answers around `run_id` and the section `Replication`; what has
    /// neither is told before them.
    init(likeness: String) {
        var parts = ["", "", ""]
        var part = 0
        var isReplication = false
        for line in likeness.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("#") { isReplication = line == "# Replication" }
            if line.hasPrefix("run_id:") {
                part = max(part, 1)
            } else if isReplication {
                part = 2
            } else {
                parts[part] += line + "\r\n"
            }
        }
        (beforeIdentity, beforeReplication, rest) = (parts[0], parts[1], parts[2])
    }

    /// What `server` tells, whose replicas are `replicas`.
    func text(of server: CrowdServer, replicas: [Endpoint]) -> String {
        beforeIdentity + "run_id:\(server.runID)\r\n" + beforeReplication + "# Replication\r\n"
            + Self.replication(server, replicas).map { $0 + "\r\n" }.joined() + rest
    }

    private static func replication(_ server: CrowdServer, _ replicas: [Endpoint]) -> [String] {
        let role =
            if let primary = server.primary {
                [
                    "role:slave", "master_host:\(primary.address)", "master_port:\(primary.port)",
                    "master_link_status:up", "master_last_io_seconds_ago:1",
                    "master_sync_in_progress:0", "slave_read_repl_offset:1000",
                    "slave_repl_offset:1000", "slave_priority:100", "slave_read_only:1",
                    "replica_announced:1",
                ]
            } else { ["role:master"] }
        let followers = replicas.enumerated().map { number, replica in
            "slave\(number):ip=\(replica.address),port=\(replica.port),state=online,offset=1000,"
                + "lag=1"
        }
        return role + ["connected_slaves:\(replicas.count)"] + followers + [
            "master_failover_state:no-failover",
            "master_replid:" + String(repeating: "d", count: 40),
            "master_replid2:" + String(repeating: "0", count: 40), "master_repl_offset:1000",
            "second_repl_offset:-1", "repl_backlog_active:1", "repl_backlog_size:1048576",
            "repl_backlog_first_byte_offset:1", "repl_backlog_histlen:1000",
        ]
    }
}
