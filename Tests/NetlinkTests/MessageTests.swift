import Testing

@testable import Netlink

@Suite("Reading netlink messages")
struct MessageTests {
    @Test("finds all messages of a datagram and all attributes of a message")
    func several() throws {
        var first = MessageWriter(type: 20, flags: 2)
        first.attribute(1, octets: [7])
        first.nested(2) { $0.attribute(3, text: "in") }
        let second = MessageWriter(type: 3, flags: 0)
        let datagram = first.finished(sequence: 8) + second.finished(sequence: 9)

        let messages = try #require(Message.scan(datagram))
        #expect(messages.map(\.type) == [20, 3])
        #expect(messages.map(\.flags) == [2, 0])
        #expect(messages.map(\.sequence) == [8, 9])
        let attributes = try #require(Attribute.scan(messages[0].payload))
        #expect(attributes.map(\.type) == [1, 2])
        #expect(attributes.value(1).map(Array.init) == [7])
        let list = try #require(attributes.value(2))
        let inner = try #require(Attribute.scan(list))
        #expect(inner.text(3) == "in")
        #expect(messages[1].payload.isEmpty)
    }

    @Test(
        "refuses lengths that cannot be",
        arguments: [
            [15, 0, 0, 0],  // Shorter than the header.
            [17, 0, 0, 0],  // Longer than the datagram.
            [255, 255, 255, 255],
        ])
    func impossibleMessageLength(length: [UInt8]) {
        #expect(Message.scan(length + Array(repeating: 0, count: 12)) == nil)
    }

    @Test("refuses attribute lengths that cannot be", arguments: [[3, 0], [9, 0], [255, 255]])
    func impossibleAttributeLength(length: [UInt8]) {
        let bytes = length + [1, 0, 9, 9, 9, 9]
        #expect(Attribute.scan(bytes[...]) == nil)
    }

    @Test("takes a tail too short for a header for padding")
    func tail() {
        #expect(Message.scan([1, 2, 3]) == [])
        #expect(Attribute.scan([1, 2, 3][...]) == [])
    }

    @Test("integers beyond the end are absent, not a crash")
    func integers() {
        let bytes: [UInt8] = [0xFF, 1, 2, 3, 4]
        let slice = bytes.dropFirst()
        #expect(slice.native(UInt16.self) == 0x0201)
        #expect(slice.network(UInt16.self, at: 2) == 0x0304)
        #expect(slice.native(UInt32.self, at: 1) == nil)
        #expect(slice.native(UInt8.self, at: 4) == nil)
        #expect(slice.native(UInt8.self, at: -1) == nil)
        #expect(slice.native(UInt8.self, at: .max) == nil)
    }

    /// The kernel is trusted, its bytes are not: every truncation, and every octet changed to each
    /// of a few nasty values, goes through every decoder.
    @Test("no truncated or altered datagram stops a decoder", arguments: Samples.all)
    func altered(sample: [UInt8]) {
        #expect(decodeAll(sample) > 0)
        for length in sample.indices { _ = decodeAll(Array(sample.prefix(length))) }
        for index in sample.indices {
            for value: UInt8 in [0, 1, 3, 4, 0x7F, 0x80, 0xFF] {
                var altered = sample
                altered[index] = value
                _ = decodeAll(altered)
            }
        }
    }

    /// How many values the decoders made of it.
    private func decodeAll(_ datagram: [UInt8]) -> Int {
        var filter = FilterNoticeReader(tableName: "baton", ownPorts: [])
        var count = Notice.read(datagram).count + filter.read(datagram).count
        for message in Message.scan(datagram) ?? [] {
            if message.type == 2 || message.type == 3, Acknowledgement(message) != nil {
                count += 1
            }
            if Connection(message)?.localAddress != nil { count += 1 }
            count += SetElement.read(message)?.count ?? 0
            if RulesetInventory.TableRecord(message) != nil { count += 1 }
            if RulesetInventory.ChainRecord(message) != nil { count += 1 }
            if RulesetInventory.RuleRecord(message) != nil { count += 1 }
        }
        return count
    }
}
