import Addressing
import Configuration
import DirectiveFile
import SentinelCore
import Testing

@testable import baton

@Suite("The demonstration's configuration file")
struct DemoFileTests {
    private static let addresses = [123, 124, 125].map { IPv4Address(192, 168, 11, $0) }

    private static func read(
        _ file: DemoFile, own: String, network: String
    ) throws -> Configuration? {
        let interfaces = try [own, network].map { text in
            let parts = text.split(separator: "/")
            let address = try #require(IPAddress(String(parts[0])))
            return HostFacts.Interface(
                name: "eth",
                addresses: [try #require(Prefix(address: address, length: Int(parts[1]) ?? 0))])
        }
        let facts = HostFacts(
            interfaces: interfaces,
            files: [
                file.secretPath: .present(isExecutable: false, isOpenToAll: false, isEmpty: false)
            ])
        let (configuration, problems) = ConfigurationReader.read(
            Document(reading: Array(file.text.utf8)), facts: facts)
        #expect(problems == [])
        return configuration
    }

    private static func members(_ addresses: [IPv4Address]) -> [DemoFile.Member] {
        addresses.enumerated().map { .init(name: "redis0\($0 + 1)", address: $1) }
    }

    @Test("it is sound, and each host finds itself in it")
    func sound() throws {
        let file = DemoFile(
            members: Self.members(Self.addresses),
            primary: Endpoint(address: .v4(Self.addresses[0]), port: 6379), password: "shk9Hjwe",
            writeAddress: "10.18.14.94/20", secretPath: "/run/secret")
        let configuration = try #require(
            try Self.read(file, own: "192.168.11.124/24", network: "10.18.13.166/20"))
        #expect(configuration.local.name == "redis02")
        #expect(configuration.groups[0].settings.quorum == 2)
        #expect(configuration.groups[0].writeAddress?.prefix.description == "10.18.14.94/20")
        #expect(configuration.port == 26379)
    }

    @Test("it lists the balancers and the address that they share")
    func balancers() throws {
        var file = DemoFile(
            members: Self.members(Self.addresses),
            primary: Endpoint(address: .v4(Self.addresses[0]), port: 6379), password: "shk9Hjwe",
            writeAddress: "10.18.14.94/20", secretPath: "/run/secret")
        file.readAddress = "10.18.14.95/20"
        file.balancers = [
            .init(name: "lb01", address: IPv4Address(192, 168, 11, 121)),
            .init(name: "lb02", address: IPv4Address(192, 168, 11, 122)),
        ]
        let configuration = try #require(
            try Self.read(file, own: "192.168.11.122/24", network: "10.18.14.64/20"))
        #expect(configuration.local.name == "lb02")
        #expect(configuration.local.role == .balancer)
        #expect(configuration.groups[0].readPort == 6379)
    }

    @Test("nodes that share a machine are told apart by the address they bind to")
    func loopback() throws {
        let addresses = (1...3).map { IPv4Address(127, 0, 0, $0) }
        let file = DemoFile(
            members: Self.members(addresses),
            primary: Endpoint(address: .v4(addresses[0]), port: 7001), password: "shk9Hjwe",
            port: 7005, bind: addresses[2], secretPath: "/run/secret")
        let configuration = try #require(
            try Self.read(file, own: "127.0.0.1/8", network: "10.0.0.5/24"))
        #expect(configuration.local.name == "redis03")
        #expect(
            configuration.settings(localAddresses: [.v4(addresses[0])]).localAddresses
                == [.v4(addresses[2])])
    }
}
