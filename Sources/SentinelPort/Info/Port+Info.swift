internal import DropInCore
internal import MonotonicTime
internal import RESP
internal import SentinelCore

extension Port {
    /// `INFO [section …]`: always a bulk string, in RESP3 too, as a Sentinel's is.
    mutating func info(
        _ request: Request, _ id: PortClient.ID, _ now: Moment,
        _ surroundings: some PortSurroundings
    ) {
        let asked = request.words.dropFirst().map(\.lowercasedASCII)
        let isAll =
            asked.isEmpty || asked.contains { ["all", "default", "everything"].contains($0) }
        func shows(_ section: String) -> Bool { isAll || asked.contains(section) }
        var parts: [String] = []
        if shows("server") { parts.append(serverSection(now)) }
        if shows("clients") { parts.append(clientsSection) }
        if shows("stats") { parts.append(statisticsSection) }
        if shows("cpu") { parts.append(Self.processorSection(surroundings.processorTimes())) }
        if shows("sentinel") {
            parts.append(
                Self.sentinelSection(surroundings.portrait(), surroundings.pendingScripts()))
        }
        reply(id, .bulk(parts.joined(separator: "\r\n")))
    }

    private static func section(_ title: String, _ fields: [(String, String)]) -> String {
        "# \(title)\r\n" + fields.map { "\($0):\($1)\r\n" }.joined()
    }

    private func serverSection(_ now: Moment) -> String {
        let uptime = max(0, (now.monotonic - settings.startedAt).milliseconds / 1000)
        let port = settings.port != 0 ? settings.port : settings.tlsPort
        var fields = [
            ("redis_version", PortSettings.compatibleVersion), ("redis_git_sha1", "00000000"),
            ("redis_git_dirty", "0"), ("redis_build_id", "0"), ("redis_mode", "sentinel"),
            ("os", settings.operatingSystem), ("arch_bits", "64"),
            ("monotonic_clock", "POSIX clock_gettime"), ("multiplexing_api", "epoll"),
            ("atomicvar_api", "c11-builtin"), ("gcc_version", "0.0.0"),
            ("process_id", String(settings.processID)),
            ("process_supervised", settings.supervision),
            ("run_id", settings.runID.description), ("tcp_port", String(port)),
            ("server_time_usec", String(now.wallMicroseconds)),
            ("uptime_in_seconds", String(uptime)), ("uptime_in_days", String(uptime / 86400)),
            ("hz", "10"), ("configured_hz", "10"),
            // Seconds in 24 bits, as Redis shows its clock of keys.
            ("lru_clock", String(now.wallMicroseconds / 1_000_000 & 0xFF_FFFF)),
            ("executable", settings.executablePath),
            ("config_file", settings.configurationPath), ("io_threads_active", "0"),
        ]
        let bound = settings.boundAddresses.map { ",bind=" + $0 }.joined()
        var listeners: [String] = []
        if settings.port != 0 { listeners.append("name=tcp\(bound),port=\(settings.port)") }
        if settings.tlsPort != 0 { listeners.append("name=tls\(bound),port=\(settings.tlsPort)") }
        fields += listeners.enumerated().map { ("listener\($0)", $1) }
        return Self.section("Server", fields)
    }

    private var clientsSection: String {
        Self.section(
            "Clients",
            [
                ("connected_clients", String(clients.count)), ("cluster_connections", "0"),
                ("maxclients", String(settings.clientCountMax)),
                ("client_recent_max_input_buffer", "0"),
                ("client_recent_max_output_buffer", "0"), ("blocked_clients", "0"),
                ("tracking_clients", String(clients.count { $0.tracking != nil })),
                ("clients_in_timeout_table", "0"), ("total_blocking_keys", "0"),
                ("total_blocking_keys_on_nokey", "0"),
            ])
    }

    /// Redis's names in Redis's order; what only a server of data counts is 0.
    private var statisticsSection: String {
        let counted: [(String, Int)] = [
            ("total_connections_received", statistics.connectionCount),
            ("total_commands_processed", statistics.commandCount),
            ("total_net_input_bytes", statistics.inputByteCount),
            ("total_net_output_bytes", statistics.outputByteCount),
            ("rejected_connections", statistics.rejectedCount),
            ("pubsub_channels", Set(clients.flatMap(\.channels)).count),
            ("pubsub_patterns", Set(clients.flatMap(\.patterns)).count),
            ("total_error_replies", statistics.errorCount),
            ("acl_access_denied_auth", accessLog.authenticationCount),
            ("acl_access_denied_cmd", accessLog.commandCount),
            ("acl_access_denied_channel", accessLog.channelCount),
        ]
        let fields = Self.statisticNames.map { name in
            let nothing = Self.fractions.contains(name) ? "0.00" : "0"
            return (name, counted.first { $0.0 == name }.map { String($0.1) } ?? nothing)
        }
        return Self.section("Stats", fields)
    }

    private static let statisticNames = """
        total_connections_received total_commands_processed instantaneous_ops_per_sec
        total_net_input_bytes total_net_output_bytes total_net_repl_input_bytes
        total_net_repl_output_bytes instantaneous_input_kbps instantaneous_output_kbps
        instantaneous_input_repl_kbps instantaneous_output_repl_kbps rejected_connections
        sync_full sync_partial_ok sync_partial_err expired_keys expired_stale_perc
        expired_time_cap_reached_count expire_cycle_cpu_milliseconds evicted_keys
        evicted_clients total_eviction_exceeded_time current_eviction_exceeded_time
        keyspace_hits keyspace_misses pubsub_channels pubsub_patterns pubsubshard_channels
        latest_fork_usec total_forks migrate_cached_sockets slave_expires_tracked_keys
        active_defrag_hits active_defrag_misses active_defrag_key_hits
        active_defrag_key_misses total_active_defrag_time current_active_defrag_time
        tracking_total_keys tracking_total_items tracking_total_prefixes
        unexpected_error_replies total_error_replies dump_payload_sanitizations
        total_reads_processed total_writes_processed io_threaded_reads_processed
        io_threaded_writes_processed reply_buffer_shrinks reply_buffer_expands
        eventloop_cycles eventloop_duration_sum eventloop_duration_cmd_sum
        instantaneous_eventloop_cycles_per_sec instantaneous_eventloop_duration_usec
        acl_access_denied_auth acl_access_denied_cmd acl_access_denied_key
        acl_access_denied_channel
        """.split { $0 == " " || $0 == "\n" }.map(String.init)

    private static let fractions = [
        "instantaneous_input_kbps", "instantaneous_output_kbps", "instantaneous_input_repl_kbps",
        "instantaneous_output_repl_kbps", "expired_stale_perc",
    ]

    private static func processorSection(_ times: ProcessorTimes) -> String {
        section(
            "CPU",
            [
                ("used_cpu_sys", seconds(times.system)), ("used_cpu_user", seconds(times.user)),
                ("used_cpu_sys_children", seconds(times.childrenSystem)),
                ("used_cpu_user_children", seconds(times.childrenUser)),
                ("used_cpu_sys_main_thread", seconds(times.system)),
                ("used_cpu_user_main_thread", seconds(times.user)),
            ])
    }

    private static func seconds(_ microseconds: Int) -> String {
        let digits = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000)."
            + String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
    }

    private static func sentinelSection(
        _ portrait: NodePortrait, _ scripts: [PendingScript]
    ) -> String {
        let tilt = portrait.tiltedFor.map { $0.milliseconds / 1000 }
        var fields = [
            ("sentinel_masters", String(portrait.groups.count)),
            ("sentinel_tilt", tilt == nil ? "0" : "1"),
            ("sentinel_tilt_since_seconds", String(tilt ?? -1)),
            ("sentinel_running_scripts", String(scripts.count { $0.isRunning })),
            ("sentinel_scripts_queue_length", String(scripts.count)),
            ("sentinel_simulate_failure_flags", String(portrait.simulation.rawValue)),
        ]
        for (index, group) in portrait.groups.enumerated() {
            let master = group.master
            let state =
                master.objectivelyDownFor != nil
                ? "odown" : master.subjectivelyDownFor != nil ? "sdown" : "ok"
            fields.append(
                (
                    "master\(index)",
                    "name=\(master.name),status=\(state),address=\(master.host):\(master.port),"
                        + "slaves=\(group.replicas.count),sentinels=\(group.sentinels.count + 1)"
                ))
        }
        return section("Sentinel", fields)
    }
}
