import Addressing
import MonotonicTime
import SentinelCore
import Testing

@testable import Configuration

@Suite("A configuration")
struct ConfigurationTests {
    @Test("settles who the node is, who its peers are, and which addresses are no server's")
    func settings() throws {
        let text = sound + "port 26380\nbaton read-address master1 10.18.14.95/20 port 6379"
        let configuration = try #require(read(text).configuration)
        let own = ["127.0.0.1", "192.168.11.123", "10.18.14.72", "10.18.14.94"].map(address)
        let settings = configuration.settings(localAddresses: own)
        #expect(settings.name == "redis01")
        #expect(settings.endpoint == Endpoint(address: address("192.168.11.123"), port: 26380))
        #expect(settings.peers.map(\.name) == ["redis02", "redis03"])
        #expect(
            settings.peers.map(\.endpoint.description) == [
                "192.168.11.124:26380", "192.168.11.125:26380",
            ])
        #expect(settings.groups == configuration.groups.map(\.settings))
        #expect(
            settings.declaredVoters
                == VoterSet(
                    names: ["redis01", "redis02", "redis03"], promise: .milliseconds(1500)))
        #expect(settings.virtualAddresses == ["10.18.14.94", "10.18.14.95"].map(address))
        // The write address is this host's only for the time being.
        #expect(
            settings.localAddresses == ["127.0.0.1", "10.18.14.72", "192.168.11.123"].map(address))
    }

    @Test("nodes that share a machine don't take each other's addresses for their own")
    func sharedMachine() throws {
        let text = """
            sentinel monitor a 127.0.0.1 6379 2
            baton host one 127.0.0.1 node
            baton host two 127.0.0.2 node
            baton host three 127.0.0.3 node
            baton secret none
            bind 127.0.0.2
            """
        let facts = HostFacts(interfaces: [interface("lo", "127.0.0.1/8")])
        let configuration = try #require(read(text, facts: facts).configuration)
        #expect(configuration.local.name == "two")
        #expect(configuration.bind == [address("127.0.0.2")])
        let settings = configuration.settings(localAddresses: [address("127.0.0.1")])
        #expect(settings.localAddresses == [address("127.0.0.2")])
    }
}
