import Addressing
import DirectiveFile
import MonotonicTime
import SentinelCore
import Testing

@testable import Configuration

/// The host redis01 of the note: Sentinel's network on ens33, the clients' on ens34.
let redis01 = HostFacts(
    interfaces: [
        interface("lo", "127.0.0.1/8", "::1/128"), interface("ens33", "192.168.11.123/24"),
        interface("ens34", "10.18.14.72/20"),
    ],
    files: [
        "/etc/baton/secret": .present(isExecutable: false, isOpenToAll: false, isEmpty: false),
        "/etc/redis/reconfig_master.sh": .present(
            isExecutable: true, isOpenToAll: true, isEmpty: false),
    ])

func interface(_ name: String, _ prefixes: String...) -> HostFacts.Interface {
    HostFacts.Interface(name: name, addresses: prefixes.compactMap { Prefix($0) })
}

func address(_ text: String) -> IPAddress {
    guard let address = IPAddress(text) else { preconditionFailure("\(text) is no address") }
    return address
}

/// The lines that a sentinel.conf needs beside its own, six of them.
let members = """
    baton secret-file /etc/baton/secret
    baton write-address master1 10.18.14.94/20
    baton host redis01 192.168.11.123 node
    baton host redis02 192.168.11.124 node
    baton host redis03 192.168.11.125 node
    baton host lb01 192.168.11.121 balancer

    """

/// `members` behind a monitor line: seven lines in which nothing is wrong.
let sound = "sentinel monitor master1 192.168.11.123 6379 2\n" + members

func read(
    _ text: String, facts: HostFacts = redis01
) -> (configuration: Configuration?, problems: [Problem]) {
    ConfigurationReader.read(Document(reading: Array(text.utf8)), facts: facts)
}

/// Each problem as `LINE:COLUMN severity message`.
func problems(_ text: String, facts: HostFacts = redis01) -> [String] {
    read(text, facts: facts).problems.map {
        "\($0.line):\($0.column) \($0.severity) \($0.message)"
    }
}

@Suite("Reading a configuration")
struct ConfigurationReaderTests {
    @Test("the note's own sentinel.conf, with hosts, an address and a secret, is honoured whole")
    func note() throws {
        let (configuration, problems) = read(
            """
            protected-mode no
            daemonize yes
            logfile "/var/log/sentinel.log"
            sentinel monitor master1 192.168.11.123 6379 2
            sentinel auth-pass master1 shk9Hjwe
            sentinel down-after-milliseconds master1 5000
            sentinel parallel-syncs master1 1
            sentinel failover-timeout master1 30000
            sentinel client-reconfig-script master1 /etc/redis/reconfig_master.sh

            """ + members)
        #expect(problems == [])
        let read = try #require(configuration)
        #expect(read.daemonizes)
        #expect(read.logFile == "/var/log/sentinel.log")
        #expect(read.port == 26379)
        let group = try #require(read.groups.first)
        #expect(read.groups.count == 1)
        #expect(group.settings.name == "master1")
        #expect(
            group.settings.primary == Endpoint(address: address("192.168.11.123"), port: 6379))
        #expect(group.settings.quorum == 2)
        #expect(group.settings.downAfter == .seconds(5))
        #expect(group.settings.parallelSyncs == 1)
        #expect(group.settings.failoverTimeout == .seconds(30))
        #expect(group.settings.isLeased)
        #expect(group.credentials == .init(user: nil, password: "shk9Hjwe"))
        #expect(group.clientReconfigScript == "/etc/redis/reconfig_master.sh")
        #expect(group.writeAddress?.prefix == Prefix("10.18.14.94/20"))
    }

    @Test("the note's mymaster is refused where it stands, with the name that was meant")
    func mymaster() {
        let text = """
            sentinel monitor master1 192.168.11.123 6379 2
            sentinel down-after-milliseconds mymaster 5000

            """
        #expect(
            problems(text + members) == [
                "2:34 error group 'mymaster' is not monitored; did you mean 'master1'?"
            ])
    }

    @Test("the design's example is sound on a node")
    func example() throws {
        let (configuration, problems) = read(
            """
            port 26379
            sentinel monitor orders 192.168.11.123 6379 2
            sentinel auth-pass orders shk9Hjwe
            sentinel down-after-milliseconds orders 5000

            baton secret-file   /etc/baton/secret
            baton write-address orders 10.18.14.94/20
            baton read-address  orders 10.18.14.95/20 port 6379

            baton host redis01 192.168.11.123 node
            baton host redis02 192.168.11.124 node
            baton host redis03 192.168.11.125 node
            baton host lb01    192.168.11.121 balancer
            baton host lb02    192.168.11.122 balancer

            """)
        #expect(problems.isEmpty)
        let read = try #require(configuration)
        #expect(read.local.name == "redis01")
        #expect(read.hosts.map(\.name) == ["redis01", "redis02", "redis03", "lb01", "lb02"])
        #expect(read.secret == .file("/etc/baton/secret"))
        #expect(read.groups[0].readAddress?.prefix == Prefix("10.18.14.95/20"))
        #expect(read.stateFile == "baton.state")
    }

    @Test("all problems are reported together, in the order of the file, of the whole file last")
    func together() {
        let text = """
            prot 26379
            sentinel monitor master1 192.168.11.123 70000 2
            \tsentinel monitor orders 192.168.11.123 6379 9
            sentinel auth-pass order x
            baton host redis01 192.168.11.123 node
            baton host redis01 192.168.11.124 node
            baton write-address orders 172.16.0.9/24
            """
        #expect(
            problems(text) == [
                "1:1 error unknown directive 'prot'; did you mean 'port'?",
                "2:41 error '70000' is not a port: a number from 1 to 65535 is needed",
                "3:46 error a quorum of 9 can't be reached by 1 voter",
                "4:20 error group 'order' is not monitored; did you mean 'orders'?",
                "6:12 error host 'redis01' is listed already, by line 5",
                "7:28 error 172.16.0.9 lies in no network of this host (192.168.11.123/24 on "
                    + "ens33, 10.18.14.72/20 on ens34); name the interface if that is meant: "
                    + "… interface NAME",
                "0:0 error no secret: write `baton secret-file PATH` (the same file on every "
                    + "host), or `baton secret none` to trust whoever reaches the port",
            ])
        #expect(read(text).configuration == nil)
    }

    @Test("bytes that are not UTF-8 are refused where they stand")
    func encoding() {
        var bytes = Array(sound.utf8)
        bytes += Array("sentinel auth-pass master1 gr".utf8) + [0xFC, 0xDF, 0x0A]
        let (configuration, problems) = ConfigurationReader.read(
            Document(reading: bytes), facts: redis01)
        #expect(configuration == nil)
        #expect(problems.count == 1)
        #expect(problems.first.map { [$0.line, $0.column] } == [8, 30])
        #expect(problems.first?.message.contains("not UTF-8") == true)
    }

    @Test("a hundred problems are listed, and how many more there are")
    func many() {
        let text = String(repeating: "nonsense\n", count: 150) + sound
        let found = problems(text)
        #expect(found.count == 101)
        #expect(found.last == "0:0 error 50 more problems are not listed")
    }

    @Test("an error behind a hundred warnings is still told")
    func errorBehindWarnings() {
        let text =
            String(repeating: "timeout 0\n", count: 120) + sound + "sentinel auth-pass x y\n"
        let found = read(text).problems
        #expect(read(text).configuration == nil)
        #expect(found.count { $0.severity == .error && $0.line == 128 } == 1)
        #expect(found.count == 102)
    }

    @Test("lines may stand in any order")
    func order() {
        let lines = sound.split(separator: "\n").reversed().joined(separator: "\n")
        #expect(problems(lines) == [])
    }

    @Test("an empty file lacks a group, hosts and a secret")
    func empty() {
        #expect(read("").problems.map(\.line) == [0, 0, 0])
        #expect(
            problems("").map { $0.prefix(12) } == ["0:0 error no", "0:0 error no", "0:0 error no"])
    }

    @Test("the files to be looked at are named once, relative ones under dir")
    func files() {
        let text = """
            sentinel notification-script master1 notify.sh
            baton secret-file secret
            sentinel client-reconfig-script master1 /etc/redis/reconfig_master.sh
            dir /var/lib/baton
            """
        #expect(
            ConfigurationReader.filesNamed(in: Document(reading: Array(text.utf8))) == [
                "/var/lib/baton/notify.sh", "/var/lib/baton/secret",
                "/etc/redis/reconfig_master.sh",
            ])
    }

    @Test("another host of the list is checked without facts of its networks and files")
    func asOther() throws {
        let document = Document(reading: Array(sound.utf8))
        let (configuration, problems) = ConfigurationReader.read(document, as: "redis03")
        #expect(problems == [])
        #expect(configuration?.local.name == "redis03")
        let misspelt = ConfigurationReader.read(document, as: "redis3")
        #expect(misspelt.configuration == nil)
        #expect(
            misspelt.problems.map(\.message) == [
                "no `baton host` line names 'redis3'; did you mean 'redis01'?"
            ]
                || misspelt.problems.map(\.message) == [
                    "no `baton host` line names 'redis3'; did you mean 'redis03'?"
                ])
    }
}
