import AddressDriver
import Addressing
import Configuration
import DirectiveFile
import MonotonicTime
import Testing
import VRRPCore

@testable import baton

@Suite("The virtual routers of a balancer")
struct VirtualRoutersTests {
    private func routers(of host: String, _ lines: String = "") throws -> VirtualRouters {
        let text = """
            sentinel monitor orders 192.168.11.123 6379 2
            baton secret none
            baton host redis01 192.168.11.123 node
            baton host redis02 192.168.11.124 node
            baton host redis03 192.168.11.125 node
            baton host lb01 192.168.11.121 balancer
            baton host lb02 192.168.11.122 balancer
            baton read-address orders 10.18.14.95/20 port 6379 interface ens34
            \(lines)
            """
        let (configuration, problems) = ConfigurationReader.read(
            Document(reading: Array(text.utf8)), as: host)
        return VirtualRouters(try #require(configuration, "\(problems)"))
    }

    @Test("are the same on every balancer but for the priority, by the order of the file")
    func priorities() throws {
        let (first, second) = (try routers(of: "lb01"), try routers(of: "lb02"))
        #expect(first.priority(isServing: true) == 200)
        #expect(second.priority(isServing: true) == 190)
        var (one, other) = (first.assignments[0], second.assignments[0])
        #expect(one.settings.priority == 100 && other.settings.priority == 90)
        one.settings.priority = 1
        other.settings.priority = 1
        #expect(one == other)
        #expect(one.settings.virtualRouterID == 95)
        #expect(one.settings.interval == .milliseconds(100))
        #expect(one.settings.addresses == [IPAddress("10.18.14.95")!])
        #expect(one.interface == "ens34")
        #expect(!one.settings.preempts)
        #expect(one.settings.objection == nil)
    }

    @Test("whoever has a server to read from ranks above everybody who has none")
    func ranks() {
        let ranks = 0..<40
        let serving = ranks.map { VirtualRouters.priority(rank: $0, isServing: true) }
        let idle = ranks.map { VirtualRouters.priority(rank: $0, isServing: false) }
        #expect(serving.min()! > idle.max()!)
        #expect(idle.min()! > 0)
    }

    @Test("are what the file says of them")
    func told() throws {
        let line = "baton virtual-router orders 51 version 2 advert-milliseconds 1000 preempt yes"
        let settings = try routers(of: "lb02", line).assignments[0].settings
        #expect(settings.virtualRouterID == 51)
        #expect(settings.version == .two)
        #expect(settings.interval == .seconds(1))
        #expect(settings.preempts)
    }
}
