import Addressing
import DirectiveFile
import MonotonicTime
import Testing

@testable import Configuration

@Suite("What balancers serve")
struct ConfigurationReaderBalancerTests {
    /// Sound, with two balancers: the first is host lb01.
    private static let base = """
        sentinel monitor orders 192.168.11.123 6379 2
        baton secret none
        baton host redis01 192.168.11.123 node
        baton host redis02 192.168.11.124 node
        baton host redis03 192.168.11.125 node
        baton host lb01 192.168.11.121 balancer
        baton host lb02 192.168.11.122 balancer

        """

    private static let facts = HostFacts(
        interfaces: [
            .init(name: "ens33", addresses: [Prefix("192.168.11.121/24")!]),
            .init(name: "ens34", addresses: [Prefix("10.18.14.54/20")!]),
        ])

    private func read(_ lines: String) -> (configuration: Configuration?, problems: [String]) {
        let result = ConfigurationReader.read(
            Document(reading: Array((Self.base + lines).utf8)), facts: Self.facts)
        return (
            result.configuration,
            result.problems.map {
                "\($0.line):\($0.column) \($0.severity) \($0.message)"
            }
        )
    }

    @Test("a balancer reads its part of the file that every host has")
    func sound() throws {
        let (configuration, problems) = read(
            """
            baton read-address orders 10.18.14.95/20 port 6379
            baton listen read orders *:7000
            baton listen write orders [2001:db8::7]:7001
            baton listen auto orders 10.18.14.95:6380
            baton read-from orders all
            baton virtual-router orders 51 version 2 advert-milliseconds 1000 preempt yes
            """)
        #expect(problems == [])
        let group = try #require(configuration?.groups.first)
        #expect(configuration?.local.role == .balancer)
        #expect(group.readAddress?.prefix == Prefix("10.18.14.95/20"))
        #expect(group.readPort == 6379)
        #expect(group.listeners.map(\.port) == [7000, 7001, 6380])
        #expect(group.listeners.map(\.service) == [.read, .write, .auto])
        #expect(group.listeners[0].address == nil)
        #expect(group.listeners[1].address == IPAddress("2001:db8::7"))
        #expect(group.listeners[2].address == group.readAddress?.prefix.address)
        #expect(group.readsFrom == .all)
        #expect(group.routerID == 51)
        #expect(group.router?.version == 2)
        #expect(group.router?.advertInterval == .seconds(1))
        #expect(group.router?.preempts == true)
    }

    @Test("a listener says how new the data must be that is read there")
    func freshness() throws {
        let (configuration, problems) = read(
            """
            baton listen auto orders *:7000 read-your-writes max-staleness 2000
            baton listen read orders *:7001 max-staleness 250
            baton listen auto orders *:7002
            """)
        #expect(problems == [])
        let listeners = try #require(configuration?.groups.first).listeners
        #expect(listeners.map(\.stalenessMax) == [.seconds(2), .milliseconds(250), nil])
        #expect(listeners.map(\.showsOwnWrites) == [true, false, false])
    }

    @Test("without a word about it the router's number is the address's last octet")
    func defaultRouter() throws {
        let (configuration, _) = read("baton read-address orders 10.18.14.95/20 port 6379")
        #expect(configuration?.groups.first?.routerID == 95)
        let (other, _) = read("baton read-address orders 10.18.14.0/20 port 6379")
        #expect(other?.groups.first?.routerID == 255)
        #expect(try #require(other?.groups.first).readsFrom == .replicas)
    }

    @Test(
        "what can't be meant is refused with one sentence",
        arguments: [
            (
                "baton listen reads orders *:7000",
                "9:14 error unknown kind of listener 'reads'; did you mean 'read'?"
            ),
            (
                "baton listen both orders *:7000",
                "9:14 error unknown kind of listener 'both': it is 'read', 'write' or 'auto'"
            ),
            (
                "baton listen read orders 7000",
                "9:26 error '7000' is no place to listen: an address and a port are needed, such "
                    + "as *:6379, 10.18.14.54:6379 or [2001:db8::1]:6379"
            ),
            (
                "baton listen read orders 2001:db8::7:7001",
                "9:26 error '2001:db8::7:7001' is no place to listen: an address and a port are "
                    + "needed, such as *:6379, 10.18.14.54:6379 or [2001:db8::1]:6379"
            ),
            (
                "baton listen write orders *:7000 max-staleness 500",
                "9:34 error a 'write' listener reads from the primary: nothing is newer"
            ),
            (
                "baton listen read orders *:7000 read-your-writes",
                "9:33 error it needs an 'auto' listener: with 'read' reads and writes go the same "
                    + "way"
            ),
            (
                "baton listen read orders *:7000 max-staleness 100",
                "9:47 error '100' is not a staleness: a number from 250 to 3600000 is needed"
            ),
            (
                "baton listen read orders *:7000 max-stalenes 500",
                "9:33 error unknown option 'max-stalenes'; did you mean 'max-staleness'?"
            ),
            (
                "baton read-from orders replica",
                "9:24 error unknown source of reads 'replica'; did you mean 'replicas'?"
            ),
            (
                "baton virtual-router orders 0",
                "9:29 error '0' is not a virtual router's number: a number from 1 to 255 is needed"
            ),
            (
                "baton virtual-router orders 7 versoin 3",
                "9:31 error unknown setting of a virtual router 'versoin'; did you mean 'version'?"
            ),
            (
                "baton virtual-router orders 7 advert-milliseconds 105",
                "9:29 error version 3 of VRRP counts hundredths of a second: 105 ms can't be said"
            ),
            (
                "baton virtual-router orders 7 version 2",
                "9:29 error version 2 of VRRP counts whole seconds: 100 ms can't be said"
            ),
        ])
    func refused(line: String, problem: String) {
        let (configuration, problems) = read(
            "baton read-address orders 10.18.14.95/20 port 6379\n" + line)
        #expect(problems == [problem])
        #expect(configuration == nil)
    }

    @Test("one place is listened on once, and one network has a router's number once")
    func taken() {
        #expect(
            read("baton listen read orders *:7000\nbaton listen read orders *:7000").problems == [
                "9:26 error *:7000 is listened on already, by line 8"
            ])
        // Of whatever kind, and for whatever group.
        #expect(
            read("baton listen auto orders *:7000\nbaton listen write orders *:7000").problems == [
                "9:27 error *:7000 is listened on already, by line 8"
            ])
        let two = """
            sentinel monitor carts 192.168.11.123 6380 2
            baton read-address orders 10.18.14.95/20 port 6379
            baton read-address carts 10.18.13.95/20 port 6379
            """
        #expect(
            read(two).problems == [
                "10:26 error the virtual router of 'carts' would have the number 95, which is that "
                    + "of 'orders'; give it another: `baton virtual-router carts ID`"
            ])
        #expect(read(two + "\nbaton virtual-router carts 96").problems == [])
    }

    @Test("a place that is the read address of a group, or Baton's own port, is no listener's")
    func collisions() {
        let lines = """
            baton read-address orders 10.18.14.95/20 port 6379
            baton listen read orders 10.18.14.95:6379
            baton listen read orders *:26379
            """
        #expect(
            read(lines).problems == [
                "9:26 error 10.18.14.95:6379 is the read address of 'orders' already",
                "10:26 error port 26379 is Baton's own (`port`)",
            ])
    }

    @Test("a balancer that serves nothing but writes has something to serve")
    func onlyWrites() throws {
        let (configuration, problems) = read("baton listen write orders *:6379")
        #expect(problems == [])
        let group = try #require(configuration?.groups.first)
        #expect(group.writeAddress == nil && group.readAddress == nil)
        #expect(
            group.listeners == [Configuration.Listener(service: .write, address: nil, port: 6379)])
    }

    @Test("the write address is no place on a balancer, with any port; other groups' neither")
    func atWriteAddress() {
        let lines = """
            sentinel monitor carts 192.168.11.123 6380 2
            baton write-address carts 10.18.14.94/20
            baton listen write orders 10.18.14.94:6379
            baton listen read carts 10.18.14.94:7000
            """
        let reason =
            "the write address of 'carts' is on its primary's host, so that no balancer can listen "
            + "on it; name another address, or *"
        #expect(
            read(lines).problems == ["10:27 error \(reason)", "11:25 error \(reason)"])
    }

    @Test("a router without an address, and a balancer without anything to serve, are refused")
    func nothingToServe() {
        #expect(
            read("baton listen read orders *:7000\nbaton virtual-router orders 9").problems == [
                "9:29 error group 'orders' has no read address that a router could hold"
            ])
        #expect(
            read("").problems == [
                "0:0 error this host is a balancer and has nothing to serve: write `baton "
                    + "read-address` or `baton listen` for a group"
            ])
    }

    @Test("a read address must lie in a network of the balancer, unless an interface is named")
    func place() {
        let problems = read("baton read-address orders 172.16.0.9/24 port 6379").problems
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("8:27 error 172.16.0.9 lies in no network") == true)
        let named = read("baton read-address orders 172.16.0.9/24 port 6379 interface ens34")
        #expect(named.problems == [])
        #expect(named.configuration?.groups.first?.readAddress?.interface == "ens34")
    }
}
