import Addressing
import NamespaceFixture
import Testing

@testable import Netlink

@Suite("Notices of the kernel's")
struct NoticeTests {
    @Test("an address that goes is told as gone, an interface that changes as changed")
    func kinds() throws {
        guard case .addressGone(let address)? = Notice.read(Samples.address).first else {
            Issue.record("no address")
            return
        }
        #expect(address.address == IPAddress("10.18.14.94"))
        guard case .linkChanged(let link)? = Notice.read(Samples.link).first else {
            Issue.record("no link")
            return
        }
        #expect(link.name == "eth0")
    }

    @Test("a datagram that cannot be read means that all must be listed anew")
    func malformed() {
        #expect(Notice.read([1, 0, 0, 0] + Samples.link.dropFirst(4)) == [.resynchronise])
    }

    @Test(
        "notices that were lost mean that all must be listed anew",
        .enabled(if: NamespacePair.isPermitted, "\(NamespacePair.needs)"))
    func lost() throws {
        try NamespacePair.with { pair in
            let received = try pair.near.run {
                let socket = try NoticeSocket(receiveBufferLength: 1)
                var routes = try RouteSession()
                let links = try routes.links()
                let link = try #require(links.first { $0.name == "near0" })
                for host in 1...200 {
                    let address = IPAddress.v4(IPv4Address(10, 18, 14, UInt8(host)))
                    let prefix = try #require(Prefix(address: address, length: 32))
                    _ = try routes.add(prefix, interfaceIndex: link.index)
                }
                var notices: [Notice] = []
                while true {
                    let more = try socket.receive()
                    if more.isEmpty { return notices }
                    notices += more
                }
            }
            #expect(received.contains(.resynchronise))
        }
    }
}
