import Addressing
import Configuration
import DirectiveFile
import Testing

@testable import baton

@Suite("The line on a sound file")
struct PortraitTests {
    static let text = """
        sentinel monitor orders 192.168.11.123 6379 2
        sentinel monitor carts 192.168.11.123 6380 3
        baton secret none
        baton write-address orders 10.18.14.94/20
        baton host redis01 192.168.11.123 node
        baton host redis02 192.168.11.124 node
        baton host redis03 192.168.11.125 node
        baton host lb01 192.168.11.121 balancer
        """

    @Test("names this host, the voters, and for each group quorum, write address and interface")
    func here() throws {
        let prefixes = try ["192.168.11.124/24", "10.18.13.166/20"].map {
            try #require(Prefix($0))
        }
        let facts = HostFacts(interfaces: [
            .init(name: "ens33", addresses: [prefixes[0]]),
            .init(name: "ens34", addresses: [prefixes[1]]),
        ])
        let configuration = try #require(
            ConfigurationReader.read(Document(reading: Array(Self.text.utf8)), facts: facts)
                .configuration)
        #expect(
            Portrait.text(of: configuration, facts: facts)
                == "redis02, one of 3 voters; orders: quorum 2, write address 10.18.14.94/20 on "
                + "ens34; carts: quorum 3, no write address; lease 1500 ms, used for at most "
                + "1182 ms")
    }

    @Test("names on a balancer what is served where")
    func balancer() throws {
        let text =
            Self.text + """

                baton read-address orders 10.18.14.95/20 port 6379
                baton listen write orders 10.18.14.95:6380
                baton listen auto carts *:7000
                """
        let configuration = try #require(
            ConfigurationReader.read(Document(reading: Array(text.utf8)), as: "lb01")
                .configuration)
        #expect(
            Portrait.text(of: configuration, facts: nil)
                == "lb01, a balancer beside 3 voters; orders: quorum 2, write address "
                + "10.18.14.94/20, reads at 10.18.14.95:6379, writes at 10.18.14.95:6380; carts: "
                + "quorum 3, no write address, reads and writes at *:7000; lease 1500 ms, used for "
                + "at most 1182 ms")
    }

    @Test("says what ends a lease where it is not the packet filter")
    func lifetime() throws {
        let text =
            Self.text + "\nbaton lease-milliseconds 4500\nbaton enforcement address-lifetime"
        let configuration = try #require(
            ConfigurationReader.read(Document(reading: Array(text.utf8)), as: "redis03")
                .configuration)
        #expect(
            Portrait.text(of: configuration, facts: nil).hasSuffix(
                "; lease 4500 ms, used for at most 2331 ms, ended by the address's lifetime alone, "
                    + "up to 1500 ms late"))
    }

    @Test("without the host's facts no interface is named")
    func elsewhere() throws {
        let configuration = try #require(
            ConfigurationReader.read(Document(reading: Array(Self.text.utf8)), as: "redis03")
                .configuration)
        #expect(
            Portrait.text(of: configuration, facts: nil)
                == "redis03, one of 3 voters; orders: quorum 2, write address 10.18.14.94/20; "
                + "carts: quorum 3, no write address; lease 1500 ms, used for at most 1182 ms")
    }
}
