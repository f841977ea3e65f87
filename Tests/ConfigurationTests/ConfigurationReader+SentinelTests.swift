import Addressing
import DirectiveFile
import MonotonicTime
import SentinelCore
import Testing

@testable import Configuration

@Suite("Lines of Sentinel")
struct ConfigurationReaderSentinelTests {
    static let notExecutable = HostFacts(
        interfaces: redis01.interfaces,
        files: redis01.files.merging(
            [
                "/plain": .present(isExecutable: false, isOpenToAll: true, isEmpty: false),
                "/shut": .unreadable, "/etc": .directory,
            ], uniquingKeysWith: { $1 }))

    @Test(
        "what can't be meant is refused with one sentence",
        arguments: [
            ("sentinel", "1 error 'sentinel' needs an option, such as 'monitor'"),
            (
                "sentinel moniter a 1.2.3.4 1 1",
                "10 error unknown option of 'sentinel' 'moniter'; did you mean 'monitor'?"
            ),
            (
                "sentinel monitor other 1.2.3.4 6379",
                "32 error too few words; it is written: sentinel monitor NAME ADDRESS PORT QUORUM"
            ),
            (
                "sentinel monitor other redis01 6379 2",
                "24 error 'redis01' is not an IPv4 or IPv6 address (host names are not resolved "
                    + "yet)"
            ),
            (
                "sentinel monitor other 192.168.11.123 0 2",
                "39 error '0' is not a port: a number from 1 to 65535 is needed"
            ),
            (
                "sentinel monitor other 192.168.11.123 6380 0",
                "44 error '0' is not a quorum: a number from 1 to 64 is needed"
            ),
            (
                "sentinel monitor other 192.168.11.123 6380 4",
                "44 error a quorum of 4 can't be reached by 3 voters"
            ),
            (
                "sentinel monitor master1 192.168.11.124 6379 2",
                "18 error group 'master1' is monitored already, by line 1"
            ),
            (
                "sentinel monitor other 192.168.11.123 6379 2",
                "24 error 192.168.11.123:6379 is the primary of 'master1' already, by line 1"
            ),
            (
                "sentinel monitor other 127.0.0.1 6379 2",
                "24 error 127.0.0.1 is another server on each host; write the address by which "
                    + "all hosts reach the primary"
            ),
            (
                "sentinel monitor other 0.0.0.0 6379 2",
                "24 error 0.0.0.0 can't be the address of a host"
            ),
            (
                "sentinel monitor \"a b\" 192.168.11.124 6379 2",
                "18 error a group's name is made of letters, digits, '.', '-' and '_' only"
            ),
            (
                "sentinel down-after-milliseconds master1 0",
                "42 error '0' is not a time in milliseconds: a number from 1 to 86400000 is needed"
            ),
            (
                "sentinel failover-timeout master1 3m",
                "35 error '3m' is not a time in milliseconds: a number from 1 to 86400000 is needed"
            ),
            (
                "sentinel parallel-syncs master1 0",
                "33 error '0' is not a number of replicas: a number from 1 to 128 is needed"
            ),
            (
                "sentinel auth-pass master1",
                "20 error too few words; it is written: sentinel auth-pass NAME VALUE"
            ),
            (
                "sentinel client-reconfig-script master1 /plain",
                "41 error the script /plain can't be executed by this user; try: chmod +x /plain"
            ),
            (
                "sentinel client-reconfig-script master1 /shut",
                "41 error the script /shut can't be executed by this user; try: chmod +x /shut"
            ),
            (
                "sentinel notification-script master1 /none",
                "38 error the script /none does not exist on this host"
            ),
            (
                "sentinel notification-script master1 /etc",
                "38 error /etc is a directory; a script is needed"
            ),
        ])
    func refused(line: String, problem: String) {
        let found = problems(sound + line, facts: Self.notExecutable)
        #expect(found == ["8:" + problem])
    }

    @Test("a group that is not monitored is refused by every option that names one")
    func unmonitored() {
        let options = [
            "down-after-milliseconds", "failover-timeout", "parallel-syncs", "auth-pass",
            "auth-user", "notification-script", "client-reconfig-script",
        ]
        for option in options {
            let found = problems(sound + "sentinel \(option) mymaster 1")
            #expect(
                found == [
                    "8:\(11 + option.count) error group 'mymaster' is not monitored; did you mean "
                        + "'master1'?"
                ])
        }
    }

    @Test("where several groups are monitored, a name that is near to none gets no advice")
    func noAdvice() {
        let text = sound + "sentinel monitor carts 192.168.11.123 6380 2\nsentinel auth-pass zzz x"
        #expect(
            problems(text) == [
                "9:20 error group 'zzz' is not monitored: no `sentinel monitor` line names it"
            ])
    }

    @Test(
        "what a running Sentinel wrote, and what has no effect, is warned of",
        arguments: [
            "sentinel myid c084ec33a5b60aa56d2ebd63a6b7442e2e257f38",
            "sentinel known-replica master1 192.168.11.124 6379", "sentinel current-epoch 4",
            "sentinel announce-ip 1.2.3.4", "sentinel deny-scripts-reconfig yes",
            "sentinel resolve-hostnames yes",
        ])
    func warned(line: String) {
        let (configuration, problems) = read(sound + line)
        #expect(configuration != nil)
        #expect(problems.map(\.severity) == [.warning])
        #expect(problems.map { [$0.line, $0.column] } == [[8, 10]])
    }

    @Test("a time in which a busy server can't answer is warned of")
    func hasty() {
        let found = read(sound + "sentinel down-after-milliseconds master1 200").problems
        #expect(found.map(\.severity) == [.warning])
        #expect(found.map { [$0.line, $0.column] } == [[8, 42]])
        #expect(problems(sound + "sentinel down-after-milliseconds master1 500") == [])
    }

    @Test("an ACL user without a password is warned of")
    func userAlone() {
        let text = sound + "sentinel auth-user master1 sentinel\n"
        #expect(
            problems(text) == [
                "8:10 warning 'auth-user' has no effect without `sentinel auth-pass master1 …`"
            ])
        let both = read(text + "sentinel auth-pass master1 x")
        #expect(both.problems == [])
        #expect(
            both.configuration?.groups[0].credentials == .init(user: "sentinel", password: "x"))
    }

    @Test("an option may stand before the group that it belongs to")
    func early() {
        let read = read("sentinel failover-timeout master1 60000\n" + sound)
        #expect(read.problems == [])
        #expect(read.configuration?.groups[0].settings.failoverTimeout == .seconds(60))
    }

    @Test("names of options are read in any case, names of groups are not")
    func letterCase() {
        #expect(problems(sound + "SENTINEL Auth-Pass master1 x") == [])
        #expect(
            problems(sound + "sentinel auth-pass Master1 x") == [
                "8:20 error group 'Master1' is not monitored; did you mean 'master1'?"
            ])
    }

    @Test("an empty path switches a script off")
    func noScript() {
        let read = read(sound + "sentinel notification-script master1 \"\"")
        #expect(read.problems == [])
        #expect(read.configuration?.groups[0].notificationScript == nil)
    }
}
