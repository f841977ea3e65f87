extension DirectiveSpec {
    private static let int32Max = Int(Int32.max)

    /// Directives that are numbers.
    static let numbers: [DirectiveSpec] = [
        DirectiveSpec("databases", .number(1...int32Max), default: "16"),
        DirectiveSpec("port", .number(0...65535), default: "6379"),
        DirectiveSpec("io-threads", .number(1...128), default: "1"),
        DirectiveSpec("auto-aof-rewrite-percentage", .number(0...int32Max), default: "100"),
        DirectiveSpec(
            "cluster-replica-validity-factor", .number(0...int32Max), default: "10",
            alias: "cluster-slave-validity-factor"),
        DirectiveSpec(
            "list-max-listpack-size", .number(-int32Max - 1...int32Max), default: "-2",
            alias: "list-max-ziplist-size"),
        DirectiveSpec("tcp-keepalive", .number(0...int32Max), default: "300"),
        DirectiveSpec("cluster-migration-barrier", .number(0...int32Max), default: "1"),
        DirectiveSpec("active-defrag-cycle-min", .number(1...99), default: "1"),
        DirectiveSpec("active-defrag-cycle-max", .number(1...99), default: "25"),
        DirectiveSpec("active-defrag-threshold-lower", .number(0...1000), default: "10"),
        DirectiveSpec("active-defrag-threshold-upper", .number(0...1000), default: "100"),
        DirectiveSpec("lfu-log-factor", .number(0...int32Max), default: "10"),
        DirectiveSpec("lfu-decay-time", .number(0...int32Max), default: "1"),
        DirectiveSpec(
            "replica-priority", .number(0...int32Max), default: "100", alias: "slave-priority"),
        DirectiveSpec("repl-diskless-sync-delay", .number(0...int32Max), default: "5"),
        DirectiveSpec("maxmemory-samples", .number(1...int32Max), default: "5"),
        DirectiveSpec("maxmemory-eviction-tenacity", .number(0...100), default: "10"),
        DirectiveSpec("timeout", .number(0...int32Max), default: "0"),
        DirectiveSpec(
            "replica-announce-port", .number(0...65535), default: "0",
            alias: "slave-announce-port"),
        DirectiveSpec("tcp-backlog", .number(0...int32Max), default: "511"),
        DirectiveSpec("cluster-port", .number(0...65535), default: "0"),
        DirectiveSpec("cluster-announce-bus-port", .number(0...65535), default: "0"),
        DirectiveSpec("cluster-announce-port", .number(0...65535), default: "0"),
        DirectiveSpec("cluster-announce-tls-port", .number(0...65535), default: "0"),
        DirectiveSpec("repl-timeout", .number(1...int32Max), default: "60"),
        DirectiveSpec(
            "repl-ping-replica-period", .number(1...int32Max), default: "10",
            alias: "repl-ping-slave-period"),
        DirectiveSpec("list-compress-depth", .number(0...int32Max), default: "0"),
        DirectiveSpec("rdb-key-save-delay", .number(-int32Max - 1...int32Max), default: "0"),
        DirectiveSpec("key-load-delay", .number(-int32Max - 1...int32Max), default: "0"),
        DirectiveSpec("active-expire-effort", .number(1...10), default: "1"),
        DirectiveSpec("hz", .number(0...int32Max), default: "10"),
        DirectiveSpec(
            "min-replicas-to-write", .number(0...int32Max), default: "0",
            alias: "min-slaves-to-write"),
        DirectiveSpec(
            "min-replicas-max-lag", .number(0...int32Max), default: "10",
            alias: "min-slaves-max-lag"),
        DirectiveSpec("watchdog-period", .number(0...int32Max), default: "0"),
        DirectiveSpec("shutdown-timeout", .number(0...int32Max), default: "10"),
        DirectiveSpec("repl-diskless-sync-max-replicas", .number(0...int32Max), default: "0"),
        DirectiveSpec("maxclients", .number(1...4294967295), default: "10000"),
        DirectiveSpec("unixsocketperm", .octal(0...511), default: "0"),
        DirectiveSpec("socket-mark-id", .number(0...4294967295), default: "0"),
        DirectiveSpec("client-default-resp", .number(2...3), default: "2"),
        DirectiveSpec("active-defrag-max-scan-fields", .number(1...Int.max), default: "1000"),
        DirectiveSpec("slowlog-max-len", .number(0...Int.max), default: "128"),
        DirectiveSpec("acllog-max-len", .number(0...Int.max), default: "128"),
        DirectiveSpec(
            "busy-reply-threshold", .number(0...Int.max), default: "5000", alias: "lua-time-limit"),
        DirectiveSpec("cluster-node-timeout", .number(0...Int.max), default: "15000"),
        DirectiveSpec("cluster-ping-interval", .number(0...Int.max), default: "0"),
        DirectiveSpec("slowlog-log-slower-than", .number(-1...Int.max), default: "10000"),
        DirectiveSpec("latency-monitor-threshold", .number(0...Int.max), default: "0"),
        DirectiveSpec("proto-max-bulk-len", .memory(1048576...Int.max), default: "536870912"),
        DirectiveSpec("stream-node-max-entries", .number(0...Int.max), default: "100"),
        DirectiveSpec("repl-backlog-size", .memory(1...Int.max), default: "1048576"),
        DirectiveSpec("maxmemory", .memory(0...Int.max), default: "0"),
        DirectiveSpec("cluster-link-sendbuf-limit", .memory(0...Int.max), default: "0"),
        DirectiveSpec(
            "hash-max-listpack-entries", .number(0...Int.max), default: "512",
            alias: "hash-max-ziplist-entries"),
        DirectiveSpec("set-max-intset-entries", .number(0...Int.max), default: "512"),
        DirectiveSpec("set-max-listpack-entries", .number(0...Int.max), default: "128"),
        DirectiveSpec("set-max-listpack-value", .number(0...Int.max), default: "64"),
        DirectiveSpec(
            "zset-max-listpack-entries", .number(0...Int.max), default: "128",
            alias: "zset-max-ziplist-entries"),
        DirectiveSpec("active-defrag-ignore-bytes", .memory(1...Int.max), default: "104857600"),
        DirectiveSpec(
            "hash-max-listpack-value", .memory(0...Int.max), default: "64",
            alias: "hash-max-ziplist-value"),
        DirectiveSpec("stream-node-max-bytes", .memory(0...Int.max), default: "4096"),
        DirectiveSpec(
            "zset-max-listpack-value", .memory(0...Int.max), default: "64",
            alias: "zset-max-ziplist-value"),
        DirectiveSpec("hll-sparse-max-bytes", .memory(0...Int.max), default: "3000"),
        DirectiveSpec("tracking-table-max-keys", .number(0...Int.max), default: "1000000"),
        DirectiveSpec(
            "client-query-buffer-limit", .memory(1048576...Int.max), default: "1073741824"),
        DirectiveSpec("repl-backlog-ttl", .number(0...Int.max), default: "3600"),
        DirectiveSpec("auto-aof-rewrite-min-size", .memory(0...Int.max), default: "67108864"),
        DirectiveSpec(
            "loading-process-events-interval-bytes", .number(1024...int32Max), default: "2097152"),
        DirectiveSpec("tls-port", .number(0...65535), default: "0"),
        DirectiveSpec("tls-session-cache-size", .number(0...int32Max), default: "20480"),
        DirectiveSpec("tls-session-cache-timeout", .number(0...int32Max), default: "300"),
    ]
}
