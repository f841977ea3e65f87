import Addressing
import Testing

@testable import Netlink

@Suite("Addresses in rtnetlink's format")
struct ConfiguredAddressTests {
    @Test("adds an IPv4 address alone, never preferred, marked as ours")
    func additionIPv4() throws {
        let request = ConfiguredAddress.additionRequest(
            try #require(Prefix("10.18.14.94/32")), interfaceIndex: 3, isReplacing: false,
            isMarked: true)
        let expected: [[UInt8]] = [
            [68, 0, 0, 0, 20, 0, 0x05, 0x06],  // RTM_NEWADDR, REQUEST | ACK | CREATE | EXCL.
            [7, 0, 0, 0, 0, 0, 0, 0],  // Sequence, port.
            [2, 32, 0, 0, 3, 0, 0, 0],  // ifaddrmsg: AF_INET, length, flags, scope, index.
            [8, 0, 2, 0, 10, 18, 14, 94],  // IFA_LOCAL
            [8, 0, 1, 0, 10, 18, 14, 94],  // IFA_ADDRESS
            [20, 0, 6, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF],  // IFA_CACHEINFO: 0 s, for ever
            [0, 0, 0, 0, 0, 0, 0, 0],  // and two timestamps.
            [5, 0, 11, 0, 0x42, 0, 0, 0],  // IFA_PROTO
        ]
        #expect(request.finished(sequence: 7) == expected.flatMap { $0 })
    }

    @Test("replaces an IPv6 address without duplicate detection, unmarked for old kernels")
    func additionIPv6() throws {
        let request = ConfiguredAddress.additionRequest(
            try #require(Prefix("fd18::94/128")), interfaceIndex: 3, isReplacing: true,
            isMarked: false)
        let octets: [UInt8] = [0xFD, 0x18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x94]
        let expected: [[UInt8]] = [
            [92, 0, 0, 0, 20, 0, 0x05, 0x05],  // RTM_NEWADDR, REQUEST | ACK | CREATE | REPLACE.
            [7, 0, 0, 0, 0, 0, 0, 0],  // Sequence, port.
            [10, 128, 0, 0, 3, 0, 0, 0],  // ifaddrmsg: AF_INET6.
            [20, 0, 2, 0] + octets,  // IFA_LOCAL
            [20, 0, 1, 0] + octets,  // IFA_ADDRESS
            [8, 0, 8, 0, 2, 0, 0, 0],  // IFA_FLAGS: NODAD.
            [20, 0, 6, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF],  // IFA_CACHEINFO
            [0, 0, 0, 0, 0, 0, 0, 0],
        ]
        #expect(request.finished(sequence: 7) == expected.flatMap { $0 })
    }

    @Test("an address with a time is valid so long, and still never preferred")
    func lifetime() throws {
        let request = ConfiguredAddress.additionRequest(
            try #require(Prefix("10.18.14.94/32")), interfaceIndex: 3, isReplacing: true,
            isMarked: false, validSeconds: 3)
        let cache: [UInt8] = [20, 0, 6, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(Array(request.finished(sequence: 7).suffix(20)) == cache)
        // The same is how the kernel tells it.
        var bytes = Samples.address + cache
        bytes[0] += UInt8(cache.count)
        let message = try #require(Message.scan(bytes)?.first)
        #expect(ConfiguredAddress(message)?.validSeconds == 3)
        bytes.replaceSubrange(bytes.count - 12..<bytes.count - 8, with: [0xFF, 0xFF, 0xFF, 0xFF])
        let forever = try #require(Message.scan(bytes)?.first)
        #expect(ConfiguredAddress(forever)?.validSeconds == nil)
    }

    @Test("removes exactly the address and length that it names")
    func removal() throws {
        let request = ConfiguredAddress.removalRequest(
            try #require(Prefix("10.18.14.94/32")), interfaceIndex: 3)
        let expected: [[UInt8]] = [
            [40, 0, 0, 0, 21, 0, 0x05, 0],  // RTM_DELADDR, REQUEST | ACK.
            [7, 0, 0, 0, 0, 0, 0, 0],  // Sequence, port.
            [2, 32, 0, 0, 3, 0, 0, 0],  // ifaddrmsg
            [8, 0, 2, 0, 10, 18, 14, 94],  // IFA_LOCAL
            [8, 0, 1, 0, 10, 18, 14, 94],  // IFA_ADDRESS
        ]
        #expect(request.finished(sequence: 7) == expected.flatMap { $0 })
    }

    @Test("reads an address with its owner and state")
    func read() throws {
        let message = try #require(Message.scan(Samples.address)?.first)
        let prefix = try #require(Prefix("10.18.14.94/32"))
        #expect(
            ConfiguredAddress(message)
                == ConfiguredAddress(
                    address: prefix.address, network: prefix, interfaceIndex: 2,
                    isDeprecated: true, ownershipMark: 0x42))
    }

    @Test("on a point-to-point link the network is the other end's")
    func pointToPoint() throws {
        var bytes = Samples.address
        bytes[31] = 1  // IFA_ADDRESS is 10.18.14.1 now.
        let message = try #require(Message.scan(bytes)?.first)
        let address = try #require(ConfiguredAddress(message))
        #expect(address.address == IPAddress("10.18.14.94"))
        #expect(address.network == Prefix("10.18.14.1/32"))
    }

    @Test("a length that does not fit the family is not believed")
    func length() throws {
        var bytes = Samples.address
        bytes[17] = 33
        let message = try #require(Message.scan(bytes)?.first)
        #expect(ConfiguredAddress(message) == nil)
    }
}
