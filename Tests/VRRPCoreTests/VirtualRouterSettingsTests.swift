import Addressing
import MonotonicTime
import Testing
import VRRPCore

@Suite("Settings of a virtual router")
struct VirtualRouterSettingsTests {
    @Test("sound ones have no objection", arguments: [Samples.two, Samples.three, Samples.threeV6])
    func sound(settings: VirtualRouterSettings) {
        #expect(settings.objection == nil)
    }

    @Test("what cannot work is named")
    func objections() {
        let cases: [((inout VirtualRouterSettings) -> Void, String)] = [
            ({ $0.virtualRouterID = 0 }, "number is 1 to 255"),
            ({ $0.priority = 0 }, "0 means to resign"),
            ({ $0.addresses = [] }, "has an address"),
            ({ $0.addresses = Array(repeating: Samples.virtual, count: 91) }, "90 at most"),
            ({ $0.addresses += Samples.virtualV6 }, "two families"),
            ({ $0.peers = [Samples.nearV6] }, "two families"),
            ({ $0.peers = Array(repeating: Samples.far, count: 33) }, "32 at most"),
            ({ $0.interval = .milliseconds(15) }, "steps of 10 ms"),
            ({ $0.interval = .zero }, "10 to 40950 ms"),
            ({ $0.interval = .milliseconds(40_960) }, "10 to 40950 ms"),
            ({ $0.preemptDelay = .seconds(1001) }, "0 to 1000 s"),
            ({ $0.preemptDelay = .seconds(-1) }, "0 to 1000 s"),
            (
                {
                    $0.version = .two
                    $0.interval = .milliseconds(1500)
                }, "steps of 1000 ms"
            ),
        ]
        for (change, words) in cases {
            let objection = Samples.three.with(change).objection ?? "none"
            #expect(objection.contains(words), "\(objection)")
        }
        let six = Samples.threeV6
        #expect(six.with { $0.version = .two }.objection?.contains("no IPv6") == true)
        let global = six.with { $0.addresses = [Samples.virtualV6[1]] }
        #expect(global.objection?.contains("link-local") == true)
        #expect(global.with { $0.requiresLinkLocal = false }.objection == nil)
    }

    @Test("advertisements go to the group, or to each peer")
    func destinations() {
        #expect(Samples.three.destinations == [Samples.group])
        #expect(Samples.threeV6.destinations == [Samples.groupV6])
        let unicast = Samples.three.with { $0.peers = [Samples.far, Samples.third] }
        #expect(unicast.destinations == [Samples.far, Samples.third])
    }
}
