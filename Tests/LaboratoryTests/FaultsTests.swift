import Addressing
import MonotonicTime
import Testing

@testable import Laboratory

@Suite("Faults of the network", .needsRoot, .timeLimit(.minutes(1)))
struct FaultsTests {
    /// What a connection attempt tells: nobody listens, so a host that can be reached refuses.
    private func outcome(
        _ from: Host, _ to: Host, _ network: Plan.Network, _ timeout: Interval
    ) -> ConnectionFailure? {
        let endpoint = Endpoint(address: .v4(to.address(on: network)), port: 9)
        do throws(ConnectionFailure) {
            _ = try RedisClient(from: from, to: endpoint, timeout: timeout)
            return nil
        } catch {
            return error
        }
    }

    /// After a cut the kernel repeats its question for a neighbour's address once a second, so a
    /// healed path may take that long to be used.
    private func reaches(_ from: Host, _ to: Host, on network: Plan.Network = .internal) -> Bool {
        outcome(from, to, network, .seconds(10)) == .refused
    }

    private func isCutOff(_ from: Host, _ to: Host, on network: Plan.Network = .internal) -> Bool {
        outcome(from, to, network, .milliseconds(100)) == .timedOut
    }

    private func hasCarrier(_ host: Host, _ network: Plan.Network) throws -> Bool {
        let output = try host.execute("ip", ["link", "show", "dev", network.interface]).output
        #expect(output.contains(network.interface))
        return output.contains("LOWER_UP")
    }

    @Test("a host whose cables are out reaches nobody, sees no carrier, and is back when healed")
    func carrierLoss() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let (host, client) = (laboratory.host("redis01"), laboratory.host("client"))
        #expect(reaches(client, host))
        #expect(try hasCarrier(host, .internal))

        try laboratory.isolate(host)
        for network in laboratory.plan.networks {
            #expect(isCutOff(client, host, on: network))
            #expect(isCutOff(host, client, on: network))
            #expect(try !hasCarrier(host, network))
        }
        #expect(reaches(client, laboratory.host("redis02")))

        try laboratory.heal(host)
        for network in laboratory.plan.networks {
            #expect(reaches(client, host, on: network))
            #expect(reaches(host, client, on: network))
            #expect(try hasCarrier(host, network))
        }
    }

    @Test("a silently isolated host reaches nobody and keeps its carrier")
    func silence() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let (host, client) = (laboratory.host("redis01"), laboratory.host("client"))

        try laboratory.isolate(host, by: .silence)
        #expect(isCutOff(client, host))
        #expect(isCutOff(host, client, on: .external))
        #expect(try hasCarrier(host, .internal))

        try laboratory.heal(host)
        #expect(reaches(client, host))
        #expect(reaches(host, client, on: .external))
    }

    @Test("one network can be cut while the other carries on")
    func oneNetwork() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let (host, client) = (laboratory.host("redis01"), laboratory.host("client"))

        try laboratory.isolate(host, from: [.internal])
        #expect(isCutOff(client, host, on: .internal))
        #expect(reaches(client, host, on: .external))

        try laboratory.heal(host, on: [.external])
        #expect(isCutOff(client, host, on: .internal))
        try laboratory.heal(host)
        #expect(reaches(client, host, on: .internal))
    }

    @Test("hosts that are parted from the rest reach each other and nobody else")
    func parting() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let (host, client) = (laboratory.host("redis01"), laboratory.host("client"))
        let (second, third) = (laboratory.host("redis02"), laboratory.host("redis03"))

        try laboratory.part([host, client])
        #expect(reaches(client, host))
        #expect(reaches(second, third))
        #expect(isCutOff(client, second))
        #expect(isCutOff(third, host))

        try laboratory.heal(host)
        #expect(reaches(third, host))
        #expect(isCutOff(client, host))
        try laboratory.heal(client)
        #expect(reaches(client, second))
    }
}
