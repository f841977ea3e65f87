import Testing

@testable import Laboratory

@Suite("What the machine permits")
struct AvailabilityTests {
    @Test("each missing capability is named")
    func missingCapabilities() {
        // Docker's default set: no CAP_NET_ADMIN (bit 12), no CAP_SYS_ADMIN (bit 21).
        let obstacles = Availability.capabilityObstacles(
            inStatus: "Name:\tx\nCapEff:\t00000000a80425fb\n")
        #expect(
            obstacles == [.capabilityMissing("CAP_NET_ADMIN"), .capabilityMissing("CAP_SYS_ADMIN")])
        #expect(obstacles[0].description == "needs root: CAP_NET_ADMIN is missing")
    }

    @Test("root's full set lacks nothing")
    func fullSet() {
        #expect(
            Availability.capabilityObstacles(inStatus: "CapEff:\t000001ffffffffff\n").isEmpty)
    }

    @Test("a status that can't be read permits nothing")
    func unreadable() {
        #expect(Availability.capabilityObstacles(inStatus: "").count == 3)
    }
}
