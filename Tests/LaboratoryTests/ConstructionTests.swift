import Testing

@testable import Laboratory

@Suite("The commands that build a plan")
struct ConstructionTests {
    private let construction = Construction(
        plan: Plan(machines: [Plan.note.machines[0]]), run: "42-1")

    @Test("every name carries the run's prefix")
    func namespaces() {
        #expect(
            construction.namespaceBatch == """
                netns add baton-42-1-internal
                netns add baton-42-1-external
                netns add baton-42-1-redis01

                """)
    }

    @Test("a host's cables end in the networks' own namespaces")
    func hostInterfaces() {
        #expect(
            construction.hostBatch(construction.plan.machines[0]) == """
                link set dev lo up
                link add ens33 type veth peer name redis01 netns baton-42-1-internal
                addr add 192.168.11.123/24 brd + dev ens33
                link set dev ens33 up
                link add ens34 type veth peer name redis01 netns baton-42-1-external
                addr add 10.18.14.72/20 brd + dev ens34
                link set dev ens34 up

                """)
    }

    @Test("a run's prefix is not the beginning of another run's")
    func prefixes() {
        #expect(!Namespaces.prefix(of: "42-11").hasPrefix(Namespaces.prefix(of: "42-1")))
        #expect(!Namespaces.prefix(of: "142-1").hasPrefix(Namespaces.prefix(of: "42-1")))
    }
}
