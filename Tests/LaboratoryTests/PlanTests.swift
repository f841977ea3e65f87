import Addressing
import Testing

@testable import Laboratory

@Suite("The plan of hosts and networks")
struct PlanTests {
    @Test("the note's hosts have the note's addresses on both networks")
    func noteAddresses() {
        let table = Plan.note.machines.map { machine in
            "\(machine.name) " + machine.attachments.map { "\($0.address)" }.joined(separator: " ")
        }
        #expect(
            table == [
                "redis01 192.168.11.123 10.18.14.72",
                "redis02 192.168.11.124 10.18.13.166",
                "redis03 192.168.11.125 10.18.14.80",
                "lb01 192.168.11.121 10.18.14.54",
                "lb02 192.168.11.122 10.18.14.64",
                "client 192.168.11.89 10.18.14.88",
            ])
        #expect(Plan.note.networks == [.internal, .external])
    }

    @Test("every address of the note, the write address too, lies in its network")
    func addressesLieInTheirNetworks() throws {
        let inner = try #require(Prefix("192.168.11.0/24"))
        let outer = try #require(Prefix("10.18.0.0/20"))
        for attachment in Plan.note.machines.flatMap(\.attachments) {
            let network = attachment.network == .internal ? inner : outer
            #expect(network.contains(.v4(attachment.address)))
            #expect(network.length == attachment.network.prefixLength)
        }
        #expect(outer.contains(.v4(Plan.writeAddress)))
        #expect(outer.contains(.v4(Plan.readAddress)))
    }

    @Test("a plan can do without some of its hosts")
    func without() {
        #expect(
            Plan.serversAndClient.machines.map(\.name) == [
                "redis01", "redis02", "redis03", "client",
            ])
    }
}
