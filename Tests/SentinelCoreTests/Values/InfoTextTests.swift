import Addressing
import SentinelCore
import Testing

@Suite("What a server says of itself in INFO")
struct InfoTextTests {
    @Test("a primary of Redis 7.0.15 is read whole")
    func primary() throws {
        let report = try #require(ServerReport(infoText: wire(Self.primaryText)))
        #expect(report.role == .primary)
        #expect(report.isPrimary)
        #expect(report.runID == RunID("a7721770d8a8918ef9ff6c37970ce76f4aca1215"))
        #expect(report.processID == 23795)
        #expect(report.replicationID == RunID("8bed1324482fc25e12aa897d78757e4a8b2dcd25"))
        #expect(report.offset == 594)
        #expect(report.hasBacklog)
        #expect(report.isLinkUp)
        #expect(!report.isLoading)
        #expect(report.version == "7.0.15")
        #expect(report.attached == [.init(endpoint: try endpoint("127.0.0.1", 21812), offset: 594)])
    }

    @Test("a replica that has had no link since it began says so, and one that lost it does not")
    func hasFollowed() throws {
        func report(_ seconds: String) throws -> ServerReport {
            let text = "role:slave\r\nmaster_link_status:down\r\nmaster_link_down_since_seconds:"
            return try #require(ServerReport(infoText: Array((text + seconds + "\r\n").utf8)))
        }
        #expect(try !report("-1").hasFollowed)
        #expect(try report("7").hasFollowed)
        #expect(try report("7").linkDownSeconds == 7)
        #expect(try report("-1").linkDownSeconds == 0)
    }

    @Test("a replica of Redis 7.0.15 is read whole")
    func replica() throws {
        let report = try #require(ServerReport(infoText: wire(Self.replicaText)))
        #expect(report.role == .replica(of: try endpoint("127.0.0.1", 21811)))
        #expect(report.runID == RunID("8b541e25d83042f7c564f5823fa342f1d47978fa"))
        #expect(report.processID == 23801)
        #expect(report.replicationID == RunID("8bed1324482fc25e12aa897d78757e4a8b2dcd25"))
        #expect(report.offset == 594)
        #expect(report.priority == 100)
        #expect(report.isLinkUp)
        #expect(report.linkDownSeconds == 0)
        #expect(!report.isSyncing)
        #expect(report.isAnnounced)
        #expect(report.attached.isEmpty)
    }

    @Test("without a role there is no report")
    func noRole() {
        #expect(ServerReport(infoText: []) == nil)
        #expect(ServerReport(infoText: wire("# Server\nredis_version:7.0.15")) == nil)
        #expect(ServerReport(infoText: wire("role:sentinel")) == nil)
        #expect(ServerReport(infoText: wire("role:master\nrole:whatever")) == nil)
    }

    @Test("missing fields leave a report that promises nothing")
    func missingFields() throws {
        let replica = try #require(ServerReport(infoText: wire("role:slave")))
        #expect(replica.role == .replica(of: ServerReport.unknownPrimary))
        #expect(!replica.isLinkUp)
        #expect(replica.runID == nil)
        #expect(replica.offset == 0)
        let primary = try #require(ServerReport(infoText: wire("role:master")))
        #expect(primary.isLinkUp)
        #expect(primary.replicationID == nil)
    }

    @Test("a link that is down says since when; -1 is no time at all")
    func linkDown() throws {
        let text = "role:slave\nmaster_link_status:down\nmaster_sync_in_progress:1\n"
        let down = try #require(
            ServerReport(infoText: wire(text + "master_link_down_since_seconds:17")))
        #expect(!down.isLinkUp)
        #expect(down.isSyncing)
        #expect(down.linkDownSeconds == 17)
        let never = try #require(
            ServerReport(infoText: wire(text + "master_link_down_since_seconds:-1")))
        #expect(never.linkDownSeconds == 0)
    }

    @Test("the second replication id is not taken for the first")
    func secondID() throws {
        let first = String(repeating: "a", count: 40)
        let second = String(repeating: "b", count: 40)
        let report = try #require(
            ServerReport(
                infoText: wire("role:master\nmaster_replid:\(first)\nmaster_replid2:\(second)")))
        #expect(report.replicationID == RunID(first))
    }

    @Test("replicas are read in the old form, in IPv6 and only where they are addresses")
    func attachedForms() throws {
        let report = try #require(
            ServerReport(
                infoText: wire(
                    """
                    role:master
                    slave0:10.0.0.2,6379,online
                    slave1:ip=fd00::2,port=6380,state=online,offset=7,lag=0
                    slave2:ip=redis03,port=6379,state=online,offset=7,lag=0
                    slave3:ip=10.0.0.3,port=0,state=wait_bgsave,offset=0,lag=0
                    slave4:ip=10.0.0.3,port=66000,offset=1
                    slave5:
                    slave:ip=10.0.0.3,port=6379
                    slavex:ip=10.0.0.3,port=6379
                    slave_priority:3
                    """)))
        #expect(
            report.attached == [
                .init(endpoint: try endpoint("10.0.0.2", 6379), offset: 0),
                .init(endpoint: try endpoint("fd00::2", 6380), offset: 7),
            ])
        #expect(report.priority == 3)
    }

    @Test("a primary given by name is an unknown address, not a wrong one")
    func primaryByName() throws {
        let report = try #require(
            ServerReport(infoText: wire("role:slave\nmaster_host:redis01\nmaster_port:6379")))
        #expect(report.role == .replica(of: ServerReport.unknownPrimary))
    }

    @Test("Valkey's own version counts, wherever it stands")
    func valkey() throws {
        for text in [
            "valkey_version:8.1.3\nredis_version:7.2.4",
            "redis_version:7.2.4\nvalkey_version:8.1.3",
        ] {
            let report = try #require(ServerReport(infoText: wire("role:master\n" + text)))
            #expect(report.version == "8.1.3")
        }
    }

    @Test("no value is too large, too long or too strange to be read")
    func hostile() throws {
        let huge = String(repeating: "9", count: 400)
        let report = try #require(
            ServerReport(
                infoText: wire(
                    """
                    role:slave
                    process_id:-5
                    slave_priority:\(huge)
                    slave_repl_offset:\(huge)
                    master_link_down_since_seconds:\(huge)
                    master_port:-1
                    run_id:zz
                    redis_version:7.0 \u{1B}[31m
                    \(huge)\(huge)
                    :
                    ::::
                    slave0:,,,,,,=,=,==
                    """) + [0xFF, 0xFE, 0x00, 0x3A, 0x80]))
        #expect(report.processID == 0)
        #expect(report.priority == 100)
        #expect(report.offset == 0)
        #expect(report.linkDownSeconds == 0)
        #expect(report.version.isEmpty)
    }

    @Test("a primary cannot make the list of its replicas endless")
    func attachedMax() throws {
        let lines = (0..<2000).map {
            "slave\($0):ip=10.0.0.2,port=6379,state=online,offset=1,lag=0"
        }
        let report = try #require(
            ServerReport(infoText: wire((["role:master"] + lines).joined(separator: "\n"))))
        #expect(report.attached.count == ServerReport.attachedCountMax)
    }

    @Test("every part of a report can be read without a trap")
    func truncations() {
        let bytes = wire(Self.replicaText)
        for count in 0...bytes.count {
            let report = ServerReport(infoText: Array(bytes[..<count]))
            #expect(
                report != nil
                    || !String(decoding: bytes[..<count], as: UTF8.self).contains("role:slave\r"))
        }
    }

    /// A server ends its lines in CRLF.
    private func wire(_ text: String) -> [UInt8] {
        Array(
            text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
                .utf8)
    }

    private func endpoint(_ address: String, _ port: UInt16) throws -> Endpoint {
        Endpoint(address: try #require(IPAddress(address)), port: port)
    }

    private static let primaryText = """
        # Server
        redis_version:7.0.15
        redis_git_sha1:00000000
        redis_git_dirty:0
        redis_build_id:ae4d7c971a948f0
        redis_mode:standalone
        os:Linux 6.1.0-40-amd64 x86_64
        arch_bits:64
        monotonic_clock:POSIX clock_gettime
        multiplexing_api:epoll
        atomicvar_api:c11-builtin
        gcc_version:12.2.0
        process_id:23795
        process_supervised:no
        run_id:a7721770d8a8918ef9ff6c37970ce76f4aca1215
        tcp_port:21811
        server_time_usec:1795358598990094
        uptime_in_seconds:9
        uptime_in_days:0
        hz:10
        configured_hz:10
        lru_clock:196486
        executable:/usr/bin/redis-server
        config_file:
        io_threads_active:0
        # Persistence
        loading:0
        async_loading:0
        # Replication
        role:master
        connected_slaves:1
        slave0:ip=127.0.0.1,port=21812,state=online,offset=594,lag=0
        master_failover_state:no-failover
        master_replid:8bed1324482fc25e12aa897d78757e4a8b2dcd25
        master_replid2:0000000000000000000000000000000000000000
        master_repl_offset:594
        second_repl_offset:-1
        repl_backlog_active:1
        repl_backlog_size:1048576
        repl_backlog_first_byte_offset:1
        repl_backlog_histlen:594
        """

    private static let replicaText = """
        # Server
        redis_version:7.0.15
        redis_git_sha1:00000000
        redis_git_dirty:0
        redis_build_id:ae4d7c971a948f0
        redis_mode:standalone
        os:Linux 6.1.0-40-amd64 x86_64
        arch_bits:64
        monotonic_clock:POSIX clock_gettime
        multiplexing_api:epoll
        atomicvar_api:c11-builtin
        gcc_version:12.2.0
        process_id:23801
        process_supervised:no
        run_id:8b541e25d83042f7c564f5823fa342f1d47978fa
        tcp_port:21812
        server_time_usec:1795358599009986
        uptime_in_seconds:10
        uptime_in_days:0
        hz:10
        configured_hz:10
        lru_clock:196486
        executable:/usr/bin/redis-server
        config_file:
        io_threads_active:0
        # Persistence
        loading:0
        async_loading:0
        # Replication
        role:slave
        master_host:127.0.0.1
        master_port:21811
        master_link_status:up
        master_last_io_seconds_ago:5
        master_sync_in_progress:0
        slave_read_repl_offset:594
        slave_repl_offset:594
        slave_priority:100
        slave_read_only:1
        replica_announced:1
        connected_slaves:0
        master_failover_state:no-failover
        master_replid:8bed1324482fc25e12aa897d78757e4a8b2dcd25
        master_replid2:0000000000000000000000000000000000000000
        master_repl_offset:594
        second_repl_offset:-1
        repl_backlog_active:1
        repl_backlog_size:1048576
        repl_backlog_first_byte_offset:595
        repl_backlog_histlen:0
        """
}
