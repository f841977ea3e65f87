import Addressing
import BalancerCore
import BalancerDriver
import Configuration
import DirectiveFile
import Testing

@testable import baton

@Suite("Where a balancer listens")
struct WhereaboutsTests {
    static func configuration(_ lines: String) throws -> Configuration {
        let text =
            """
            sentinel monitor orders 192.168.11.123 6379 2
            sentinel monitor carts 192.168.11.123 6380 2
            baton secret none
            baton write-address orders 10.18.14.94/20
            baton read-address orders 10.18.14.95/20 port 6379
            baton host redis01 192.168.11.123 node
            baton host redis02 192.168.11.124 node
            baton host redis03 192.168.11.125 node
            baton host lb01 192.168.11.121 balancer
            baton host lb02 192.168.11.122 balancer

            """ + lines
        let result = ConfigurationReader.read(Document(reading: Array(text.utf8)), as: "lb01")
        return try #require(result.configuration, "\(result.problems)")
    }

    private func places(_ lines: String, of group: Int = 0) throws -> [BalancerListener] {
        let configuration = try Self.configuration(lines)
        let own = [IPAddress("192.168.11.121"), IPAddress("10.18.14.54")].compactMap { $0 }
        return Whereabouts(configuration, ownAddresses: own).places(of: configuration.groups[group])
    }

    private func listener(_ text: String, _ port: UInt16, _ service: Service) throws
        -> BalancerListener
    {
        BalancerListener(
            endpoint: Endpoint(address: try #require(IPAddress(text)), port: port),
            service: service)
    }

    @Test("is the read address, whatever has its own address, and every address")
    func own() throws {
        let places = try places(
            """
            baton listen write orders 10.18.14.54:7000
            baton listen auto orders *:7001
            """)
        #expect(
            places == [
                try listener("10.18.14.95", 6379, .read),
                try listener("10.18.14.54", 7000, .write),
                try listener("0.0.0.0", 7001, .auto),
            ])
    }

    @Test("is not another host's address")
    func others() throws {
        let lines = "baton listen write orders 10.18.14.55:7000"
        #expect(try places(lines) == [try listener("10.18.14.95", 6379, .read)])
    }

    @Test("is the balancers' shared address with every port, also while another has it")
    func shared() throws {
        let lines = """
            baton listen write orders 10.18.14.95:6380
            baton listen auto carts 10.18.14.95:6381
            """
        #expect(
            try places(lines) == [
                try listener("10.18.14.95", 6379, .read),
                try listener("10.18.14.95", 6380, .write),
            ])
        #expect(try places(lines, of: 1) == [try listener("10.18.14.95", 6381, .auto)])
    }

    @Test("is a matter of groups that have something to be served, and some take writes")
    func services() throws {
        let none = try Self.configuration("")
        #expect(none.groups.map(\.isBalanced) == [true, false])
        #expect(none.groups.map(\.takesWrites) == [false, false])
        let some = try Self.configuration(
            """
            baton listen read orders *:7000
            baton listen auto carts *:7001
            """)
        #expect(some.groups.map(\.isBalanced) == [true, true])
        #expect(some.groups.map(\.takesWrites) == [false, true])
    }

    @Test("is every address of both families where the host has an address of the younger one")
    func bothFamilies() throws {
        let configuration = try Self.configuration(
            """
            baton listen auto orders *:7001
            baton listen write orders [2001:db8::7]:7002
            """)
        let own = ["192.168.11.121", "::1", "2001:db8::7"].compactMap { IPAddress($0) }
        let places = Whereabouts(configuration, ownAddresses: own).places(
            of: configuration.groups[0])
        #expect(
            places.dropFirst() == [
                try listener("0.0.0.0", 7001, .auto), try listener("::", 7001, .auto),
                try listener("2001:db8::7", 7002, .write),
            ])
    }

    @Test("speaks TLS at the read address where its line says so")
    func secured() throws {
        var configuration = try Self.configuration("")
        let isSecured = { (configuration: Configuration) in
            Whereabouts(configuration, ownAddresses: []).places(of: configuration.groups[0])
                .map(\.isSecured)
        }
        #expect(isSecured(configuration) == [false])
        configuration.groups[0].readIsSecured = true
        #expect(isSecured(configuration) == [true])
    }
}
