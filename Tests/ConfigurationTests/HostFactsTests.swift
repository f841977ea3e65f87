import Addressing
import Testing

@testable import Configuration

@Suite("Facts of a host")
struct HostFactsTests {
    static func virtual(_ prefix: String, interface: String? = nil) throws
        -> Configuration.VirtualAddress
    {
        .init(prefix: try #require(Prefix(prefix)), interface: interface)
    }

    @Test("an address goes to the interface on whose network it lies")
    func byNetwork() throws {
        #expect(redis01.interface(for: try Self.virtual("10.18.14.94/20")) == "ens34")
        #expect(redis01.interface(for: try Self.virtual("192.168.11.5/24")) == "ens33")
        #expect(redis01.interface(for: try Self.virtual("172.16.0.9/24")) == nil)
    }

    @Test("of two networks that hold it, the narrower one is meant")
    func narrower() throws {
        let facts = HostFacts(interfaces: [
            interface("wide", "10.0.0.1/8"), interface("narrow", "10.18.14.72/20"),
            interface("alone", "10.18.14.94/32"),
        ])
        #expect(facts.interface(for: try Self.virtual("10.18.14.94/20")) == "narrow")
    }

    @Test("the interface that the file names counts before any network")
    func named() throws {
        let virtual = try Self.virtual("10.18.14.94/20", interface: "ens33")
        #expect(redis01.interface(for: virtual) == "ens33")
    }
}
