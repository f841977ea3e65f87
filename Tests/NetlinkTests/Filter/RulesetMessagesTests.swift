import Addressing
import Testing

@testable import Netlink

@Suite("A ruleset in nf_tables' format")
struct RulesetMessagesTests {
    private let inet = LeaseRuleset(name: "baton").inet
    private let table: [UInt8] = [10, 0, 1, 0, 0x62, 0x61, 0x74, 0x6F, 0x6E, 0, 0, 0]

    @Test("a batch is framed for nf_tables")
    func batch() {
        #expect(
            RulesetMessages.begin().finished(sequence: 7)
                == [20, 0, 0, 0, 16, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10])
        #expect(
            RulesetMessages.end().finished(sequence: 8)
                == [20, 0, 0, 0, 17, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10])
    }

    @Test("a table is made awake, whatever it was")
    func awake() {
        let expected: [[UInt8]] = [
            [40, 0, 0, 0, 0, 10, 0x05, 0x04],  // NEWTABLE, REQUEST | ACK | CREATE.
            [7, 0, 0, 0, 0, 0, 0, 0],  // Sequence, port.
            [1, 0, 0, 0],  // nfgenmsg: NFPROTO_INET.
            table,
            [8, 0, 2, 0, 0, 0, 0, 0],  // Flags: none.
        ]
        let messages = RulesetMessages.installation(of: inet)
        #expect(messages[0].finished(sequence: 7) == expected.flatMap { $0 })
    }

    @Test("a set whose elements expire says so")
    func expiringSet() {
        let expected: [[UInt8]] = [
            [76, 0, 0, 0, 9, 10, 0x05, 0x04],  // NEWSET, REQUEST | ACK | CREATE.
            [7, 0, 0, 0, 0, 0, 0, 0],  // Sequence, port.
            [1, 0, 0, 0],  // nfgenmsg: NFPROTO_INET.
            table,
            [12, 0, 2, 0, 0x6C, 0x65, 0x61, 0x73, 0x65, 0x64, 0x34, 0],  // Name "leased4".
            [8, 0, 3, 0, 0, 0, 0, 0x10],  // NFT_SET_TIMEOUT
            [8, 0, 4, 0, 0, 0, 0, 7],  // nft's type ipv4_addr,
            [8, 0, 5, 0, 0, 0, 0, 4],  // of four octets.
            [8, 0, 10, 0, 0, 0, 0, 2],  // The second set of this batch.
        ]
        let messages = RulesetMessages.installation(of: inet)
        #expect(messages[2].finished(sequence: 7) == expected.flatMap { $0 })
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
        let messages = RulesetMessages.installation(of: inet)
        #expect(
            messages[RulesetMessages.chainsStart(in: inet)].finished(sequence: 7)
                == expected.flatMap { $0 })
    }

    @Test("a chain of an interface names it")
    func device() throws {
        let netdev = LeaseRuleset(name: "baton", interfaces: ["eth0"]).netdev
        let messages = RulesetMessages.installation(of: netdev)
        let chain = messages[RulesetMessages.chainsStart(in: netdev)].finished(sequence: 7)
        let hook: [UInt8] =
            [32, 0, 4, 0x80]  // Hook:
            + [8, 0, 1, 0, 0, 0, 0, 1]  // NF_NETDEV_EGRESS
            + [8, 0, 2, 0, 0, 0, 0, 0]  // Priority 0.
            + [9, 0, 3, 0, 0x65, 0x74, 0x68, 0x30, 0, 0, 0, 0]  // Device "eth0".
        #expect(chain[16] == 5)  // NFPROTO_NETDEV
        #expect(chain.firstRange(of: hook) != nil)
    }

    @Test("the comment that nft stores with a rule is read back")
    func comment() {
        let octets = RuleComment.octets(of: "no lease")
        #expect(octets == [0, 9] + Array("no lease".utf8) + [0])
        #expect(RuleComment.read(octets[...]) == "no lease")
        #expect(RuleComment.read(([7, 1, 0xFF] + octets)[...]) == "no lease")
        #expect(RuleComment.read([0, 9, 0x6E]) == nil)
        #expect(RuleComment.read([0]) == nil)
        #expect(RuleComment.read([]) == nil)
    }
}
