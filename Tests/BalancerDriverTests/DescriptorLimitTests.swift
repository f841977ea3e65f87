import Testing

@testable import BalancerDriver

@Suite("Descriptor limit")
struct DescriptorLimitTests {
    @Test("clients never take the descriptors that servers need")
    func shares() {
        #expect(DescriptorLimit.share(of: 1024, reactorCount: 1) == 864)
        #expect(DescriptorLimit.share(of: 1024, reactorCount: 4) == 216)
        #expect(DescriptorLimit.share(of: 10, reactorCount: 1) == 1)
        #expect(DescriptorLimit.share(of: Int.max, reactorCount: 1) > 1 << 50)
        #expect(DescriptorLimit.clientCountMax(reactorCount: 1) > 0)
    }
}
