import Testing

@testable import AddressDriver

@Suite("Capabilities")
struct CapabilityTests {
    @Test("reads the effective capabilities and nothing else")
    func effective() {
        let status = """
            Name:\tbaton
            CapPrm:\t000001ffffffffff
            CapEff:\t0000000000003000
            CapBnd:\t000001ffffffffff
            """
        #expect(Capability.effectiveBits(status: status) == 0x3000)
        #expect(Capability.effectiveBits(status: "CapPrm:\t01") == nil)
        #expect(Capability.effectiveBits(status: "CapEff:\tnone") == nil)
    }

    @Test("each is found by the kernel's number for it")
    func missing() {
        #expect(Capability.missing(among: 0x1000) == [.rawPackets])
        #expect(Capability.missing(among: 0x2000) == [.networkAdministration])
        #expect(Capability.missing(among: 0x3000) == [])
    }

    @Test("what is missing is named, with the two ways to give it")
    func refusal() throws {
        let failure = try #require(Capability.failure(missing: [.networkAdministration]))
        #expect(failure.source == .privileges)
        #expect(
            failure.description == """
                cannot keep an address that moves between hosts: missing CAP_NET_ADMIN; \
                run baton as root, or give it \
                both capabilities: AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW in its systemd \
                unit, or setcap cap_net_admin,cap_net_raw+ep on the program's file
                """)
        #expect(Capability.failure(missing: []) == nil)
    }

    @Test("the kernel tells this thread's")
    func kernel() throws {
        #expect(throws: Never.self) { try Capability.missing().get() }
    }
}
