import Addressing
import NamespaceFixture
import Testing

@testable import Netlink

@Suite(
    "Interfaces and addresses of this host",
    .enabled(if: NamespacePair.isPermitted, "\(NamespacePair.needs)"))
struct RouteSessionTests {
    @Test("lists interfaces and addresses as ip shows them")
    func lists() throws {
        try NamespacePair.with { pair in
            let (links, addresses) = try pair.near.run {
                var routes = try RouteSession()
                return (try routes.links(), try routes.addresses())
            }
            #expect(links.map(\.name) == ["lo", "near0"])
            #expect(links[0].isLoopback && links[0].hardwareAddress == nil)
            let near = try #require(links.last)
            #expect(near.isUp && near.hasCarrier)
            let hardware = try #require(near.hardwareAddress)
            #expect(try pair.near.ip("link show near0").contains("link/ether \(hardware) "))
            let networks = addresses.filter { $0.interfaceIndex == near.index }.map(\.network)
            #expect(networks.contains(try #require(Prefix("10.18.13.1/20"))))
            #expect(networks.contains(try #require(Prefix("fd18::1/64"))))
        }
    }

    @Test(
        "adding says whether it was there; removing, whether it was not",
        arguments: ["10.18.14.94/32", "fd18::94/128"])
    func addAndRemove(text: String) throws {
        let prefix = try #require(Prefix(text))
        try NamespacePair.with { pair in
            let (additions, present, removals) = try pair.near.run {
                var routes = try RouteSession()
                let links = try routes.links()
                let index = try #require(links.last).index
                let additions = [
                    try routes.add(prefix, interfaceIndex: index),
                    try routes.add(prefix, interfaceIndex: index),
                ]
                let present = try routes.addresses().first { $0.address == prefix.address }
                let removals = [
                    try routes.remove(prefix, interfaceIndex: index),
                    try routes.remove(prefix, interfaceIndex: index),
                    try routes.remove(prefix, interfaceIndex: 4711),
                ]
                return (additions, present, removals)
            }
            #expect(additions == [.added, .alreadyPresent])
            #expect(present?.network == prefix)
            #expect(present?.isDeprecated == true)
            #expect(present?.isTentative == false)
            #expect(present?.ownershipMark == ConfiguredAddress.batonMark)
            #expect(removals == [true, false, false])
        }
    }

    @Test(
        "an address that is Baton's by VRRP carries a mark of its own, also when refreshed",
        arguments: ["10.18.14.95/32", "fd18::95/128"])
    func mark(text: String) throws {
        let prefix = try #require(Prefix(text))
        try NamespacePair.with { pair in
            let marks = try pair.near.run {
                var routes = try RouteSession()
                let index = try #require(try routes.links().last).index
                let mark = ConfiguredAddress.virtualRouterMark
                _ = try routes.add(prefix, interfaceIndex: index, validSeconds: 60, mark: mark)
                let added = try routes.addresses().first { $0.address == prefix.address }
                _ = try routes.refresh(
                    prefix, interfaceIndex: index, validSeconds: 60, mark: mark)
                let refreshed = try routes.addresses().first { $0.address == prefix.address }
                return [added, refreshed].map { $0?.ownershipMark }
            }
            #expect(marks == [0x56, 0x56])
        }
    }

    @Test(
        "an address with a time goes by itself, later if it is refreshed, and is not revived",
        arguments: ["10.18.14.94/32", "fd18::94/128"])
    func lifetime(text: String) throws {
        let prefix = try #require(Prefix(text))
        try NamespacePair.with { pair in
            try pair.near.run {
                var routes = try RouteSession()
                let index = try #require(try routes.links().last).index
                func present() throws -> ConfiguredAddress? {
                    try routes.addresses().first { $0.address == prefix.address }
                }
                #expect(
                    try routes.refresh(prefix, interfaceIndex: index, validSeconds: 1) == false)
                #expect(
                    try routes.add(prefix, interfaceIndex: index, validSeconds: 60) == .added)
                let first = try #require(try present())
                #expect(first.isDeprecated && !first.isTentative)
                #expect((59...60).contains(try #require(first.validSeconds)))
                #expect(try routes.refresh(prefix, interfaceIndex: index, validSeconds: 1))
                #expect(try #require(try present()).validSeconds.map { $0 <= 1 } == true)
                for _ in 0..<40 where try present() != nil { sleep(milliseconds: 100) }
                #expect(try present() == nil)
                #expect(
                    try routes.refresh(prefix, interfaceIndex: index, validSeconds: 60) == false)
                #expect(try present() == nil)
            }
        }
    }

    @Test("the kernel's own words come with its refusal")
    func refusal() throws {
        let prefix = try #require(Prefix("10.18.14.94/32"))
        try NamespacePair.with { pair in
            let error = #expect(throws: NetlinkError.self) {
                try pair.near.run {
                    var routes = try RouteSession()
                    _ = try routes.add(prefix, interfaceIndex: 4711)
                }
            }
            #expect(error?.errno == 19)  // ENODEV
            #expect(error?.description.contains("add 10.18.14.94/32 to interface 4711") == true)
        }
    }

    @Test("a long list arrives whole")
    func longList() throws {
        try NamespacePair.with { pair in
            let count = try pair.near.run {
                var routes = try RouteSession()
                let links = try routes.links()
                let index = try #require(links.last).index
                for number in 0..<2000 {
                    let address = IPAddress.v4(IPv4Address(bits: 0x0A63_0000 + UInt32(number)))
                    let prefix = try #require(Prefix(address: address, length: 32))
                    _ = try routes.add(prefix, interfaceIndex: index)
                }
                return try routes.addresses().filter { $0.ownershipMark != 0 && $0.isDeprecated }
                    .count
            }
            #expect(count == 2000)
        }
    }
}
