import Addressing
import Netlink
import Testing

@testable import AddressDriver

@Suite("Choosing the interface of an address")
struct InterfaceChoiceTests {
    private let links = [
        Link(
            index: 1, name: "lo", hardwareAddress: nil, isUp: true, hasCarrier: true,
            isLoopback: true),
        Link(index: 2, name: "eth0", hardwareAddress: nil, isUp: true, hasCarrier: true),
        Link(index: 3, name: "eth1", hardwareAddress: nil, isUp: true, hasCarrier: false),
        Link(index: 4, name: "eth2", hardwareAddress: nil, isUp: false, hasCarrier: false),
        Link(index: 5, name: "eth3", hardwareAddress: nil, isUp: true, hasCarrier: true),
    ]

    /// The host of the plan: its own network, the clients', one that is switched off, and two
    /// interfaces in one network.
    private func addresses() throws -> [ConfiguredAddress] {
        try [
            (1, "127.0.0.1/8"), (2, "192.168.11.123/24"), (2, "10.99.0.1/24"),
            (3, "10.18.13.166/20"), (3, "10.18.13.167/20"), (4, "10.20.0.1/16"),
            (5, "10.99.0.2/24"), (3, "fd18::1/64"),
        ].map { (index: UInt32, text) in
            let prefix = try #require(Prefix(text))
            return ConfiguredAddress(
                address: prefix.address, network: prefix, interfaceIndex: index)
        }
    }

    private func choose(
        _ text: String, named name: String? = nil, also: [ConfiguredAddress] = []
    ) throws -> Result<Link, AddressFailure> {
        InterfaceChoice.choose(
            for: try #require(IPAddress(text)), named: name, links: links,
            addresses: try addresses() + also)
    }

    private func failure(_ text: String, named name: String? = nil) throws -> AddressFailure {
        switch try choose(text, named: name) {
        case .success(let link): throw Unexpected(link: link)
        case .failure(let failure): failure
        }
    }

    private struct Unexpected: Error {
        var link: Link
    }

    @Test("the one whose network the address lies in, with or without carrier")
    func network() throws {
        #expect(try choose("10.18.14.94").get().name == "eth1")
        #expect(try choose("192.168.11.200").get().name == "eth0")
        #expect(try choose("fd18::94").get().name == "eth1")
    }

    @Test("the one that the operator names, whatever its networks")
    func named() throws {
        #expect(try choose("10.18.14.94", named: "eth0").get().name == "eth0")
    }

    @Test("the address itself, left by a former life, does not say where it belongs")
    func leftover() throws {
        let address = try #require(IPAddress("10.18.14.94"))
        for length in [20, 32] {
            let stray = ConfiguredAddress(
                address: address, network: try #require(Prefix(address: address, length: length)),
                interfaceIndex: 2)
            #expect(try choose("10.18.14.94", also: [stray]).get().name == "eth1")
        }
    }

    @Test("an address in no network is a fault of the configuration, and says what there is")
    func nowhere() throws {
        let failure = try failure("172.16.0.1")
        #expect(failure.source == .configuration)
        #expect(
            failure.description == """
                cannot find the interface for 172.16.0.1: it lies in no network of this host's \
                interfaces; correct the address, or name one of eth0, eth1, eth2, eth3 in the \
                configuration
                """)
    }

    @Test("an address in the networks of two interfaces must be decided by the operator")
    func ambiguous() throws {
        let failure = try failure("10.99.0.9")
        #expect(failure.source == .configuration)
        #expect(failure.reason == "it lies in the networks of eth0, eth3")
    }

    @Test("a network whose interface is down is not silently another's")
    func down() throws {
        let failure = try failure("10.20.0.9")
        #expect(failure.source == .interface)
        #expect(failure.advice == "switch it on: ip link set eth2 up")
        let named = try self.failure("10.20.0.9", named: "eth2")
        #expect(named.reason == "the interface is down")
    }

    @Test("loopback is nobody's network")
    func loopback() throws {
        #expect(try failure("127.0.0.9").source == .configuration)
    }

    @Test("a name that does not exist is refused with those that do")
    func unknownName() throws {
        let failure = try failure("10.18.14.94", named: "ens5")
        #expect(failure.source == .configuration)
        #expect(failure.advice == "this host has eth0, eth1, eth2, eth3")
    }
}
