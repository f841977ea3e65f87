import Addressing
import Netlink
import Testing
import VRRPCore

@testable import AddressDriver

@Suite("What a virtual router is advertised from")
struct VRRPAssignmentTests {
    private let link = Link(
        index: 2, name: "eth0", hardwareAddress: nil, isUp: true, hasCarrier: true)

    private func configured(
        _ text: String, on index: UInt32 = 2, isDeprecated: Bool = false, isTentative: Bool = false
    ) throws -> ConfiguredAddress {
        let prefix = try #require(Prefix(text))
        return ConfiguredAddress(
            address: prefix.address, network: prefix, interfaceIndex: index,
            isDeprecated: isDeprecated, isTentative: isTentative)
    }

    private func assignment(_ addresses: [String], peers: [String] = []) -> VRRPAssignment {
        VRRPAssignment(
            name: "read",
            settings: VirtualRouterSettings(
                virtualRouterID: 51, addresses: addresses.compactMap { IPAddress($0) },
                peers: peers.compactMap { IPAddress($0) }))
    }

    @Test("the first address of the interface that is the host's own")
    func four() throws {
        let addresses = try [
            configured("10.18.13.9/20", on: 3), configured("fe80::1/64"),
            configured("10.18.14.94/32", isDeprecated: true), configured("10.18.14.95/32"),
            configured("10.18.13.1/20"), configured("10.18.13.5/20"),
        ]
        let wanted = assignment(["10.18.14.95"])
        #expect(wanted.source(on: link, among: addresses) == IPAddress("10.18.13.1"))
        #expect(wanted.source(on: link, among: []) == nil)
    }

    @Test("a link-local one of IPv6, that no longer waits for duplicate detection")
    func six() throws {
        let addresses = try [
            configured("fd18::1/64"), configured("fe80::95/128"),
            configured("fe80::1/64", isTentative: true), configured("fe80::2/64"),
        ]
        let wanted = assignment(["fe80::95", "fd18::95"])
        #expect(wanted.source(on: link, among: addresses) == IPAddress("fe80::2"))
    }

    @Test("one of the peers' kind, where unicast of IPv6 is spoken")
    func unicast() throws {
        let addresses = try [configured("fe80::1/64"), configured("fd18::1/64")]
        let wanted = assignment(["fe80::95", "fd18::95"], peers: ["fd18::2"])
        #expect(wanted.source(on: link, among: addresses) == IPAddress("fd18::1"))
        let near = assignment(["fe80::95"], peers: ["fe80::2"])
        #expect(near.source(on: link, among: addresses) == IPAddress("fe80::1"))
    }

    @Test("the one that was named, if it is there")
    func named() throws {
        let addresses = try [configured("10.18.13.1/20"), configured("10.18.13.5/20")]
        var wanted = assignment(["10.18.14.95"])
        wanted.source = IPAddress("10.18.13.5")
        #expect(wanted.source(on: link, among: addresses) == wanted.source)
        wanted.source = IPAddress("10.18.13.6")
        #expect(wanted.source(on: link, among: addresses) == nil)
    }
}
