import Addressing
import Testing

@testable import Netlink

@Suite("The barrier in nf_tables' format")
struct BarrierMessagesTests {
    private let messages = BarrierMessages(tableName: "baton")
    private let table: [UInt8] = [10, 0, 1, 0, 0x62, 0x61, 0x74, 0x6F, 0x6E, 0, 0, 0]

    @Test("a batch is framed for nf_tables")
    func batch() {
        #expect(
            BarrierMessages.begin().finished(sequence: 7)
                == [20, 0, 0, 0, 16, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10])
        #expect(
            BarrierMessages.end().finished(sequence: 8)
                == [20, 0, 0, 0, 17, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10])
    }

    @Test("barring adds one element to the set of its family")
    func addition() throws {
        let request = messages.addition(of: try #require(IPAddress("10.18.14.94")))
        let expected: [[UInt8]] = [
            [64, 0, 0, 0, 12, 10, 0x05, 0x04],  // NEWSETELEM, REQUEST | ACK | CREATE.
            [7, 0, 0, 0, 0, 0, 0, 0],  // Sequence, port.
            [1, 0, 0, 0],  // nfgenmsg: NFPROTO_INET.
            table,
            [12, 0, 2, 0, 0x62, 0x61, 0x72, 0x72, 0x65, 0x64, 0x34, 0],  // Set "barred4".
            [20, 0, 3, 0x80, 16, 0, 1, 0x80, 12, 0, 1, 0x80],  // Elements: element: key:
            [8, 0, 1, 0, 10, 18, 14, 94],  // NFTA_DATA_VALUE
        ]
        #expect(request.finished(sequence: 7) == expected.flatMap { $0 })
    }

    @Test("the chain hooks into input, before the filters of others")
    func chain() {
        let expected: [[UInt8]] = [
            [84, 0, 0, 0, 3, 10, 0x05, 0x04],  // NEWCHAIN, REQUEST | ACK | CREATE.
            [7, 0, 0, 0, 0, 0, 0, 0],  // Sequence, port.
            [1, 0, 0, 0],  // nfgenmsg: NFPROTO_INET.
            table,
            [10, 0, 3, 0, 0x69, 0x6E, 0x70, 0x75, 0x74, 0, 0, 0],  // Name "input".
            [20, 0, 4, 0x80],  // Hook:
            [8, 0, 1, 0, 0, 0, 0, 1],  // NF_INET_LOCAL_IN
            [8, 0, 2, 0, 0xFF, 0xFF, 0xFE, 0xD4],  // Priority -300.
            [8, 0, 5, 0, 0, 0, 0, 1],  // Policy: accept.
            [11, 0, 7, 0, 0x66, 0x69, 0x6C, 0x74, 0x65, 0x72, 0, 0],  // Type "filter".
        ]
        #expect(messages.installation()[1].finished(sequence: 7) == expected.flatMap { $0 })
    }

    @Test("the rule resets what opens a connection to an address of the set")
    func rule() throws {
        let rule = try #require(messages.installation().dropLast().last).finished(sequence: 7)
        let expected: [[UInt8]] = [
            [0xF4, 1, 0, 0, 6, 10, 0x05, 0x0C],  // NEWRULE, REQUEST | ACK | CREATE | APPEND.
            [7, 0, 0, 0, 0, 0, 0, 0],  // Sequence, port.
            [1, 0, 0, 0],  // nfgenmsg: NFPROTO_INET.
            table,
            [10, 0, 2, 0, 0x69, 0x6E, 0x70, 0x75, 0x74, 0, 0, 0],  // Chain "input".
            [0xC8, 1, 4, 0x80],  // Expressions:
            meta(15), compare([2]),  // NFT_META_NFPROTO is NFPROTO_IPV4.
            meta(16), compare([6]),  // NFT_META_L4PROTO is TCP.
            payload(base: 2, offset: 13, length: 1),  // The transport header's flags,
            bitwise(0x12), compare([0x02]),  // of SYN and ACK, only SYN.
            payload(base: 1, offset: 16, length: 4),  // The IPv4 header's destination
            expression(
                "lookup",
                [8, 0, 2, 0, 0, 0, 0, 1]  // NFT_REG_1 in set "barred4".
                    + [12, 0, 1, 0, 0x62, 0x61, 0x72, 0x72, 0x65, 0x64, 0x34, 0]),
            expression("reject", [8, 0, 1, 0, 0, 0, 0, 1, 5, 0, 2, 0, 0, 0, 0, 0]),  // TCP_RST
        ]
        #expect(rule == expected.flatMap { $0 })
    }

    @Test("reads the addresses of a set")
    func elements() throws {
        let message = try #require(Message.scan(Samples.elements)?.first)
        #expect(
            BarrierMessages.elements(message, .v4)?.map(\.description)
                == ["10.18.14.94", "10.18.14.97"])
    }

    @Test("keys that are too short for the family are malformed")
    func shortKeys() throws {
        let message = try #require(Message.scan(Samples.elements)?.first)
        #expect(BarrierMessages.elements(message, .v6) == nil)
    }

    private func meta(_ key: UInt8) -> [UInt8] {
        expression("meta", [8, 0, 2, 0, 0, 0, 0, key, 8, 0, 1, 0, 0, 0, 0, 1])
    }

    private func payload(base: UInt8, offset: UInt8, length: UInt8) -> [UInt8] {
        expression(
            "payload",
            [8, 0, 1, 0, 0, 0, 0, 1, 8, 0, 2, 0, 0, 0, 0, base]
                + [8, 0, 3, 0, 0, 0, 0, offset, 8, 0, 4, 0, 0, 0, 0, length])
    }

    private func bitwise(_ mask: UInt8) -> [UInt8] {
        expression(
            "bitwise",
            [8, 0, 1, 0, 0, 0, 0, 1, 8, 0, 2, 0, 0, 0, 0, 1, 8, 0, 3, 0, 0, 0, 0, 1]
                + [12, 0, 4, 0x80, 5, 0, 1, 0, mask, 0, 0, 0]
                + [12, 0, 5, 0x80, 5, 0, 1, 0, 0, 0, 0, 0])
    }

    private func compare(_ value: [UInt8]) -> [UInt8] {
        expression(
            "cmp",
            [8, 0, 1, 0, 0, 0, 0, 1, 8, 0, 2, 0, 0, 0, 0, 0]
                + [12, 0, 3, 0x80, 5, 0, 1, 0] + value + [0, 0, 0])
    }

    /// A list element that holds a name and the expression's own attributes.
    private func expression(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let text = Array(name.utf8) + [0]
        var named: [UInt8] = [UInt8(text.count + 4), 0, 1, 0] + text
        while !named.count.isMultiple(of: 4) { named.append(0) }
        named += [UInt8(data.count + 4), 0, 2, 0x80] + data
        return [UInt8(named.count + 4), 0, 1, 0x80] + named
    }
}
