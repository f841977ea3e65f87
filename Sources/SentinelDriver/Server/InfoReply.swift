internal import MonotonicTime
internal import NodeCore
internal import SentinelCore

/// The text of `INFO`, with the sections and names of a Sentinel.
struct InfoReply {
    let facts: ServerFacts
    let status: NodeStatus
    let now: Instant

    /// `sections` in lower case; none means the default ones. An unknown section is an empty text.
    func text(sections: [String]) -> String {
        let isAll =
            sections.isEmpty || sections.contains { ["all", "default", "everything"].contains($0) }
        var parts: [String] = []
        if isAll || sections.contains("server") { parts.append(server) }
        if isAll || sections.contains("sentinel") { parts.append(sentinel) }
        return parts.joined(separator: "\r\n")
    }

    private var server: String {
        let uptime = (now - facts.startedAt).milliseconds / 1000
        return Self.section(
            "Server",
            [
                ("redis_version", ServerFacts.compatibleVersion), ("redis_mode", "sentinel"),
                ("server_name", "baton"), ("baton_version", facts.version), ("os", "Linux"),
                ("process_id", String(facts.processID)), ("run_id", facts.runID.description),
                ("tcp_port", String(facts.port)), ("uptime_in_seconds", String(uptime)),
                ("uptime_in_days", String(uptime / 86400)),
            ])
    }

    private var sentinel: String {
        var fields = [
            ("sentinel_masters", String(status.groups.count)), ("sentinel_tilt", "0"),
            ("sentinel_tilt_since_seconds", "-1"), ("sentinel_running_scripts", "0"),
            ("sentinel_scripts_queue_length", "0"), ("sentinel_simulate_failure_flags", "0"),
        ]
        for (index, group) in status.groups.enumerated() {
            let isDown = group.servers.contains { $0.isPrimary && $0.isSubjectivelyDown }
            let state = group.isObjectivelyDown ? "odown" : isDown ? "sdown" : "ok"
            fields.append(
                (
                    "master\(index)",
                    "name=\(group.settings.name),status=\(state),address=\(group.primary),"
                        + "slaves=\(group.servers.count { !$0.isPrimary }),"
                        + "sentinels=\(group.peers.count + 1)"
                ))
        }
        return Self.section("Sentinel", fields)
    }

    private static func section(_ title: String, _ fields: [(String, String)]) -> String {
        "# \(title)\r\n" + fields.map { "\($0):\($1)\r\n" }.joined()
    }
}
