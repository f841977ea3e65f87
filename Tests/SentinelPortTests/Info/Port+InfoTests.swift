import DropInCore
import MonotonicTime
import Testing

@testable import SentinelPort

@Suite("INFO")
struct PortInfoTests {
    @Test(
        "shows the sections that were asked for",
        arguments: [
            ("INFO", ["Server", "Clients", "Stats", "CPU", "Sentinel"]),
            ("INFO everything", ["Server", "Clients", "Stats", "CPU", "Sentinel"]),
            ("INFO cpu all", ["Server", "Clients", "Stats", "CPU", "Sentinel"]),
            ("INFO server SENTINEL replication", ["Server", "Sentinel"]),
            ("INFO memory", []),
        ])
    func sections(_ request: String, _ expected: [String]) {
        var counter = Counter()
        let titles = counter.text(request).split(separator: "\r\n").filter { $0.hasPrefix("# ") }
        #expect(titles.map { String($0.dropFirst(2)) } == expected)
    }

    @Test("has what clients and Redis's own suite look for, and nothing of a server of data")
    func names() {
        var counter = Counter()
        let text = counter.text("INFO")
        for name in [
            "redis_version:7.2.6", "redis_mode:sentinel", "maxclients:10000",
            "used_cpu_user:1.500000", "sentinel_tilt:0", "run_id:", "tcp_port:26379",
            "config_file:", "executable:",
        ] {
            #expect(text.contains(name))
        }
        for name in ["used_memory", "rdb_last_bgsave", "master_repl_offset", "cluster_enabled"] {
            #expect(!text.contains(name))
        }
    }

    @Test("shows each group in one line, this Sentinel counted")
    func groups() {
        var counter = Counter()
        counter.sayings.said.groups[0].master.subjectivelyDownFor = .seconds(1)
        counter.sayings.said.tiltedFor = .seconds(3)
        let text = counter.text("INFO sentinel")
        #expect(
            text.contains(
                "master0:name=orders,status=sdown,address=10.0.0.1:6379,slaves=2,sentinels=2\r\n"))
        #expect(text.contains("sentinel_tilt:1\r\nsentinel_tilt_since_seconds:3\r\n"))
    }
}
