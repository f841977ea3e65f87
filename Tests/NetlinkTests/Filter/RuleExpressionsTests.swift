import Testing

@testable import Netlink

@Suite("The expressions of a rule")
struct RuleExpressionsTests {
    private func octets(_ rule: Rule, in family: TableFamily) -> [UInt8] {
        var message = MessageWriter(type: 0, flags: 0)
        rule.write(to: &message, in: family)
        return Array(message.finished(sequence: 0).dropFirst(MessageWriter.headerLength))
    }

    @Test("refusing what opens a connection to an address of a set, with a reset")
    func reset() {
        let rule = Rule([.opensConnection, Field.ipDestination.isIn("barred4")], .reset, "")
        let expected: [[UInt8]] = [
            meta(16), compare([6]),  // NFT_META_L4PROTO is TCP.
            payload(base: 2, offset: 13, length: 1),  // The transport header's flags,
            bitwise(0x12), compare([0x02]),  // of SYN and ACK, only SYN.
            meta(15), compare([2]),  // NFT_META_NFPROTO is NFPROTO_IPV4.
            payload(base: 1, offset: 16, length: 4),  // The IPv4 header's destination
            expression(
                "lookup",
                [8, 0, 2, 0, 0, 0, 0, 1]  // NFT_REG_1 in set "barred4".
                    + [12, 0, 1, 0, 0x62, 0x61, 0x72, 0x72, 0x65, 0x64, 0x34, 0]),
            expression("reject", [8, 0, 1, 0, 0, 0, 0, 1, 5, 0, 2, 0, 0, 0, 0, 0]),  // TCP_RST
        ]
        #expect(octets(rule, in: .inet) == expected.flatMap { $0 })
    }

    @Test("what is required of the packet is checked once, in the words of the table's family")
    func requirements() {
        let rule = Rule(
            [Field.arpSender.isNotIn("s"), Field.arpSender.isNotIn("s")], .drop, "")
        let lookUp = expression(
            "lookup",
            [8, 0, 2, 0, 0, 0, 0, 1] + [6, 0, 1, 0, 0x73, 0, 0, 0]
                + [8, 0, 5, 0, 0, 0, 0, 1])  // NFT_LOOKUP_F_INV
        let drop = expression(
            "immediate",
            [8, 0, 1, 0, 0, 0, 0, 0]  // The verdict's register:
                + [16, 0, 2, 0x80, 12, 0, 2, 0x80, 8, 0, 1, 0, 0, 0, 0, 0])  // NF_DROP
        let sender = payload(base: 1, offset: 14, length: 4)
        let terms = sender + lookUp + sender + lookUp + drop
        #expect(octets(rule, in: .arp) == terms)
        let isARP =
            meta(1)  // NFT_META_PROTOCOL
            + expression(
                "cmp",
                [8, 0, 1, 0, 0, 0, 0, 1, 8, 0, 2, 0, 0, 0, 0, 0]
                    + [12, 0, 3, 0x80, 6, 0, 1, 0, 0x08, 0x06, 0, 0])
        #expect(octets(rule, in: .netdev) == isARP + terms)
    }

    @Test("going on elsewhere names the chain")
    func goto() {
        let expected = expression(
            "immediate",
            [8, 0, 1, 0, 0, 0, 0, 0]
                + [24, 0, 2, 0x80, 20, 0, 2, 0x80]
                + [8, 0, 1, 0, 0xFF, 0xFF, 0xFF, 0xFC]  // NFT_GOTO
                + [6, 0, 2, 0, 0x6C, 0, 0, 0])
        #expect(octets(Rule([], .goto("l"), ""), in: .inet) == expected)
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
