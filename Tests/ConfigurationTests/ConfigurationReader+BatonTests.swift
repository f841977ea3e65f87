import Addressing
import DirectiveFile
import SentinelCore
import Testing

@testable import Configuration

@Suite("Baton's own lines")
struct ConfigurationReaderBatonTests {
    @Test(
        "what can't be meant is refused with one sentence",
        arguments: [
            ("baton", "1 error 'baton' needs an option, such as 'host'"),
            (
                "baton hosts redis04 192.168.11.126 node",
                "7 error unknown option of 'baton' 'hosts'; did you mean 'host'?"
            ),
            (
                "baton host redis04 192.168.11.126",
                "20 error too few words; it is written: baton host NAME ADDRESS node|balancer"
            ),
            (
                "baton host redis04 192.168.11.126 nod",
                "35 error unknown role 'nod'; did you mean 'node'?"
            ),
            (
                "baton host redis04 192.168.11.300 node",
                "20 error '192.168.11.300' is not an IPv4 or IPv6 address (host names are not "
                    + "resolved yet)"
            ),
            (
                "baton host redis04 224.0.0.18 node",
                "20 error 224.0.0.18 can't be the address of a host"
            ),
            (
                "baton host redis01 192.168.11.126 node",
                "12 error host 'redis01' is listed already, by line 4"
            ),
            (
                "baton host redis04 192.168.11.123 node",
                "20 error 192.168.11.123 is the address of 'redis01' already, by line 4"
            ),
            (
                "baton host \"redis 04\" 192.168.11.126 node",
                "12 error a host's name is made of letters, digits, '.', '-' and '_' only"
            ),
            (
                "baton host twin 10.18.14.72 node",
                "12 error both 'redis01' and 'twin' have an address of this host; a host is "
                    + "listed once"
            ),
            (
                "baton write-address master1 10.18.14.96/20",
                "29 error group 'master1' has a write address already, by line 3"
            ),
            (
                "baton write-address mymaster 10.18.14.96/20",
                "21 error group 'mymaster' is not monitored; did you mean 'master1'?"
            ),
            (
                "baton read-address master1 10.18.14.95/20 prt 6379",
                "43 error 'port' is expected here"
            ),
            (
                "baton read-address master1 10.18.14.95/20 port 65536",
                "48 error '65536' is not a port: a number from 1 to 65535 is needed"
            ),
            (
                "baton evidence master1 true", "24 error 'true' must be 'yes' or 'no'"
            ),
            (
                "baton log-format jsn",
                "18 error unknown log format 'jsn'; did you mean 'json'?"
            ),
            (
                "baton secret none", "7 error the secret is given already, by line 2"
            ),
            (
                "baton secret hunter2",
                "14 error a secret does not stand in this file; write `baton secret-file PATH`, "
                    + "or `baton secret none` to trust whoever reaches the port"
            ),
            (
                "baton write-safety master1 bounded 2",
                "36 error a bound of 2 s can't be kept: a replica speaks once a second, and Redis "
                    + "stops writes up to min-replicas-max-lag + 2 s after its last word; the "
                    + "least is max-lag 1 + 2 = 3 s"
            ),
            (
                "baton write-safety master1 bounded 3601",
                "36 error '3601' is not a bound in seconds: a number from 3 to 3600 is needed"
            ),
            (
                "baton write-safety master1 bounded",
                "28 error it is written: baton write-safety GROUP async|bounded SECONDS"
            ),
            (
                "baton write-safety master1 bound 5",
                "28 error unknown write safety 'bound'; did you mean 'bounded'?"
            ),
            ("baton state-file \"\"", "18 error 'state-file' needs a path"),
        ])
    func refused(line: String, problem: String) {
        #expect(problems(sound + line) == ["8:" + problem])
        #expect(read(sound + line).configuration == nil)
    }

    @Test("write safety is what the line says, and nothing without one")
    func writeSafety() {
        func safety(_ line: String) -> WriteSafety? {
            read(sound + line).configuration?.groups.first?.settings.writeSafety
        }
        #expect(safety("") == nil)
        #expect(safety("baton write-safety master1 async") == .asynchronous)
        #expect(safety("baton write-safety master1 bounded 10") == .bounded(seconds: 10))
        #expect(problems(sound + "baton write-safety master1 bounded 4").isEmpty)
        #expect(
            problems(sound + "baton write-safety master1 bounded 3") == [
                "8:36 warning with a bound of 3 s (min-replicas-max-lag 1) a replica that is late "
                    + "for a moment makes the primary refuse writes for up to a second; 4 s "
                    + "forgives that"
            ])
        let twice =
            "baton write-safety master1 async\nbaton write-safety master1 bounded 5"
        #expect(
            problems(sound + twice) == [
                "9:28 error the write safety of 'master1' is given already, by line 8"
            ])
        let alone = sound.split(separator: "\n")
            .filter { !$0.contains("redis02") && !$0.contains("redis03") }
            .joined(separator: "\n").replacing("6379 2", with: "6379 1")
        #expect(
            problems(alone + "\nbaton write-safety master1 bounded 5") == [
                "6:28 warning one node: if 'master1' has one server, no replica can ever attach, "
                    + "and it refuses every write"
            ])
    }

    static let withoutAddress =
        sound.split(separator: "\n").filter { !$0.contains("write-address") }
        .joined(separator: "\n") + "\n"

    @Test(
        "a write address that can't be one is refused with one sentence",
        arguments: [
            (
                "10.18.14.94",
                "29 error '10.18.14.94' is not an address with the length of its network, such "
                    + "as 10.18.14.94/20"
            ),
            (
                "10.18.14.94/33",
                "29 error '10.18.14.94/33' is not an address with the length of its network, such "
                    + "as 10.18.14.94/20"
            ),
            (
                "10.18.14.94/0",
                "29 error '10.18.14.94/0' is not an address with the length of its network, such "
                    + "as 10.18.14.94/20"
            ),
            ("239.1.1.1/24", "29 error 239.1.1.1 can't be the address of a host"),
            ("192.168.11.121/24", "29 error 192.168.11.121 is the own address of 'lb01'"),
            (
                "10.18.14.94/20 interface ens35",
                "54 error unknown interface of this host 'ens35'; did you mean 'ens33'?"
            ),
            (
                "10.18.14.94/20 ens34",
                "44 error it is written: baton write-address GROUP ADDRESS/LENGTH [interface NAME]"
            ),
            (
                "172.16.0.9/24",
                "29 error 172.16.0.9 lies in no network of this host (192.168.11.123/24 on ens33, "
                    + "10.18.14.72/20 on ens34); name the interface if that is meant: … interface "
                    + "NAME"
            ),
            (
                "2001:db8::94/64",
                "29 error 2001:db8::94 lies in no network of this host (192.168.11.123/24 on "
                    + "ens33, 10.18.14.72/20 on ens34); name the interface if that is meant: … "
                    + "interface NAME"
            ),
        ])
    func badAddress(words: String, problem: String) {
        let text = Self.withoutAddress + "baton write-address master1 " + words
        #expect(problems(text) == ["7:" + problem])
    }

    @Test("the interface may be named, wherever the address lies")
    func interfaceNamed() {
        let text = Self.withoutAddress
        let line = "baton write-address master1 172.16.0.9/24 interface ens34"
        #expect(problems(text + line) == [])
        #expect(read(text + line).configuration?.groups[0].writeAddress?.interface == "ens34")
    }

    @Test(
        "the secret file must hold something that not everyone can read",
        arguments: [
            (HostFacts.File.missing, "error the secret file /etc/baton/secret does not exist; "),
            (.unreadable, "error the secret file /etc/baton/secret can't be read by this user"),
            (.directory, "error /etc/baton/secret is a directory; a file with the secret"),
            (
                .present(isExecutable: false, isOpenToAll: false, isEmpty: true),
                "error the secret file /etc/baton/secret is empty"
            ),
            (
                .present(isExecutable: false, isOpenToAll: true, isEmpty: false),
                "warning any user can read /etc/baton/secret; try: chmod 600 /etc/baton/secret"
            ),
        ])
    func secretFile(file: HostFacts.File, beginning: String) {
        var facts = redis01
        facts.files["/etc/baton/secret"] = file
        let found = problems(sound, facts: facts)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("2:19 " + beginning) == true, "\(found)")
    }

    @Test("each is read")
    func values() throws {
        let text =
            Self.withoutAddress.replacing("baton secret-file /etc/baton/secret", with: "")
                + """
                baton secret none
                baton evidence master1 no
                baton log-format JSON
                baton state-file state/epochs
                dir /var/lib/baton/
                """
        #expect(problems(text) == [])
        let read = try #require(read(text).configuration)
        #expect(read.secret == .none)
        #expect(read.logFormat == .json)
        #expect(!read.groups[0].settings.trustsEvidence)
        #expect(read.stateFile == "state/epochs")
        #expect(read.groups[0].writeAddress == nil)
        #expect(!read.groups[0].settings.isLeased)
    }
}
