import Addressing
import DirectiveFile
import Testing

@testable import Configuration

@Suite("What only the whole file shows")
struct ConfigurationReaderFinishTests {
    static let stranger = HostFacts(
        interfaces: [interface("lo", "127.0.0.1/8"), interface("eth0", "192.168.11.89/24")],
        files: redis01.files)

    @Test("a host that is not listed is told who is, and what it is itself")
    func notListed() {
        #expect(
            problems(sound, facts: Self.stranger) == [
                "0:0 error this host is none of those listed (redis01 192.168.11.123, redis02 "
                    + "192.168.11.124, redis03 192.168.11.125, lb01 192.168.11.121): it has the "
                    + "addresses 192.168.11.89"
            ])
    }

    @Test("a balancer finds itself, and needs something to serve")
    func balancer() {
        var facts = Self.stranger
        facts.interfaces[1] = interface("eth0", "192.168.11.121/24")
        #expect(
            problems(sound, facts: facts) == [
                "0:0 error this host is a balancer and has nothing to serve: write `baton "
                    + "read-address` or `baton listen` for a group"
            ])
    }

    @Test("two voters are warned of at the second")
    func twoVoters() {
        let text = sound.replacing("baton host redis03 192.168.11.125 node\n", with: "")
        let (configuration, problems) = read(text)
        #expect(configuration != nil)
        #expect(problems.map { [$0.line, $0.column] } == [[5, 12]])
        #expect(problems.map(\.severity) == [.warning])
    }

    @Test("a quorum of all voters can be reached")
    func quorumOfAll() {
        #expect(problems(sound.replacing("6379 2", with: "6379 3")) == [])
    }

    @Test("hosts of which none is a node are refused")
    func noVoter() {
        let found = problems(sound.replacing(" node\n", with: " balancer\n"))
        #expect(found.contains("4:12 error none of the hosts is a node, so that nobody votes"))
    }

    @Test("one mistake is one problem: what follows from a line that can't be read is not told")
    func noConsequences() {
        let host = sound.replacing(
            "redis01 192.168.11.123 node", with: "redis01 192.168.11.1x node")
        #expect(problems(host).map { $0.prefix(4) } == ["4:20"])
        let group = sound.replacing("6379 2", with: "6379 two") + "sentinel auth-pass master1 x\n"
        #expect(problems(group).map { $0.prefix(4) } == ["1:46"])
        #expect(problems(group + "sentinel auth-pass mastr1 x").count == 2)
    }

    @Test("relative paths are looked at under dir, and stay relative to it")
    func relativePaths() throws {
        var facts = redis01
        facts.files = [
            "/var/lib/baton/secret": .present(
                isExecutable: false, isOpenToAll: false, isEmpty: false),
            "/var/lib/baton/notify.sh": .present(
                isExecutable: true, isOpenToAll: true, isEmpty: false),
        ]
        let text =
            sound.replacing("/etc/baton/secret", with: "secret")
            + "sentinel notification-script master1 notify.sh\n"
        #expect(problems(text, facts: facts).count == 2)
        let (configuration, found) = read(text + "dir /var/lib/baton", facts: facts)
        #expect(found == [])
        let read = try #require(configuration)
        #expect(read.directory == "/var/lib/baton")
        #expect(read.secret == .file("secret"))
        #expect(read.groups[0].notificationScript == "notify.sh")
        #expect(read.stateFile == "baton.state")
    }

    @Test("a cluster on loopback alone, for a try, is no mistake")
    func loopback() {
        let facts = HostFacts(interfaces: [interface("lo", "127.0.0.1/8")])
        let text = """
            sentinel monitor a 127.0.0.1 6379 1
            baton host here 127.0.0.1 node
            baton secret none
            """
        #expect(problems(text, facts: facts) == [])
    }
}
