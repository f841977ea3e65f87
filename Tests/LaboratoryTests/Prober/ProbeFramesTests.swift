import Addressing
import Testing

@testable import Laboratory

@Suite("What a prober sends and reads")
struct ProbeFramesTests {
    private let frames = ProbeFrames(address: Plan.writeAddress, port: 6379)
    private let host = MACAddress(bits: 0x02_00_00_00_00_07)
    private let other = MACAddress(bits: 0x02_00_00_00_00_09)
    private let nowhere = IPv4Address(10, 18, 14, 1)

    private func arp(
        _ operation: UInt16, _ sender: IPv4Address, _ target: (MACAddress, IPv4Address),
        from hardware: MACAddress? = nil
    ) -> [UInt8] {
        ProbeFrames.arp(
            operation, from: hardware ?? host, sender, to: target.0, target)
    }

    @Test("a reply repeats the number of its question")
    func reply() {
        let question = frames.question(513, to: host)
        let asker = MACAddress(bits: question[22..<28].reduce(0) { $0 << 8 | UInt64($1) })
        let reply = arp(2, Plan.writeAddress, (asker, ProbeFrames.ownAddress))
        #expect(frames.meaning(of: reply, from: host) == .arpReply(number: 513))
        #expect(frames.meaning(of: reply, from: other) == nil, "another host's")
    }

    @Test("an announcement is a claim, and so is whatever else names the address as its sender")
    func claim() {
        let address = Plan.writeAddress
        for target in [(host, address), (MACAddress(bits: 0), nowhere)] {
            for operation: UInt16 in [1, 2] {
                let frame = arp(operation, address, target)
                #expect(frames.meaning(of: frame, from: host) == .claim)
            }
        }
        #expect(
            frames.meaning(of: arp(2, nowhere, (host, address)), from: host) == nil,
            "somebody else's address")
    }

    @Test("a host that looks for the prober is told")
    func question() {
        let frame = arp(1, nowhere, (MACAddress(bits: 0), ProbeFrames.ownAddress))
        #expect(frames.meaning(of: frame, from: host) == .question(from: host, nowhere))
    }

    /// What a host would answer to a probe's SYN.
    private func answer(_ number: UInt16, flags: UInt8) -> [UInt8] {
        let syn = frames.syn(number, to: host)
        var frame = syn
        frame.replaceSubrange(0..<6, with: syn[6..<12])
        frame.replaceSubrange(6..<12, with: syn[0..<6])
        frame.replaceSubrange(26..<30, with: syn[30..<34])
        frame.replaceSubrange(30..<34, with: syn[26..<30])
        frame.replaceSubrange(34..<36, with: syn[36..<38])
        frame.replaceSubrange(36..<38, with: syn[34..<36])
        let acknowledgement = syn[38..<42].reduce(0) { $0 << 8 | UInt32($1) } + 1
        for index in 0..<4 {
            frame[42 + index] = UInt8(truncatingIfNeeded: acknowledgement >> (24 - 8 * index))
        }
        frame[47] = flags
        return frame
    }

    @Test(
        "a SYN-ACK repeats the number of its SYN; a reset is no answer",
        arguments: [0, 700, 65_535])
    func synAck(number: UInt16) {
        #expect(
            frames.meaning(of: answer(number, flags: 0x12), from: host)
                == .synAck(number: number, acknowledgement: UInt32(number) << 8 + 1))
        #expect(frames.meaning(of: answer(number, flags: 0x14), from: host) == nil)
        var elsewhere = answer(number, flags: 0x12)
        elsewhere[37] ^= 1
        #expect(frames.meaning(of: elsewhere, from: host) == nil, "another port's")
    }

    @Test("what is cut short or of another kind means nothing")
    func foreign() {
        let frame = answer(9, flags: 0x12)
        for count in 0..<frame.count {
            _ = frames.meaning(of: frame.prefix(count), from: host)
        }
        var sixth = frame
        sixth[12] = 0x86
        #expect(frames.meaning(of: sixth, from: host) == nil)
        var options = frame
        options[14] = 0x4F
        #expect(frames.meaning(of: options, from: host) == nil)
    }
}
