import Addressing
import Testing

@testable import Netlink

@Suite("Elements of sets in nf_tables' format")
struct SetElementTests {
    private let set = SetReference(family: .inet, table: "baton", set: "leased4")
    private let head: [[UInt8]] = [
        [7, 0, 0, 0, 0, 0, 0, 0],  // Sequence, port.
        [1, 0, 0, 0],  // nfgenmsg: NFPROTO_INET.
        [10, 0, 1, 0, 0x62, 0x61, 0x74, 0x6F, 0x6E, 0, 0, 0],  // Table "baton".
        [12, 0, 2, 0, 0x6C, 0x65, 0x61, 0x73, 0x65, 0x64, 0x34, 0],  // Set "leased4".
    ]

    @Test("an element that expires carries its milliseconds")
    func addition() throws {
        let address = try #require(IPAddress("10.18.14.94"))
        let request = set.exclusiveAddition(of: SetElement(address, lifetime: 300))
        let expected: [[UInt8]] =
            [[76, 0, 0, 0, 12, 10, 0x05, 0x06]]  // NEWSETELEM, REQUEST | ACK | EXCL | CREATE.
            + head + [
                [32, 0, 3, 0x80, 28, 0, 1, 0x80, 12, 0, 1, 0x80],  // Elements: element: key:
                [8, 0, 1, 0, 10, 18, 14, 94],  // NFTA_DATA_VALUE
                [12, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x2C],  // Timeout.
            ]
        #expect(request.finished(sequence: 7) == expected.flatMap { $0 })
    }

    @Test("a removal names the key alone")
    func removal() throws {
        let address = try #require(IPAddress("10.18.14.94"))
        let request = set.removal(of: SetElement(address, lifetime: 300))
        let expected: [[UInt8]] =
            [[64, 0, 0, 0, 14, 10, 0x05, 0x00]]  // DELSETELEM, REQUEST | ACK.
            + head + [
                [20, 0, 3, 0x80, 16, 0, 1, 0x80, 12, 0, 1, 0x80],
                [8, 0, 1, 0, 10, 18, 14, 94],
            ]
        #expect(request.finished(sequence: 7) == expected.flatMap { $0 })
    }

    @Test("a set of many elements takes several messages, none of them too long")
    func many() {
        let elements = (0..<1025).map { SetElement(port: UInt16($0)) }
        #expect(set.replacement(with: elements).count == 4)
        #expect(set.replacement(with: []).count == 1)
    }

    @Test("a port's key is two octets, in network order")
    func port() {
        #expect(SetElement(port: 6379).key == [0x18, 0xEB])
        #expect(SetElement(port: 6379).port == 6379)
        #expect(SetElement(port: 6379).address == nil)
    }

    @Test("reads what is in a set, and for how long still")
    func read() throws {
        let message = try #require(Message.scan(Samples.elements)?.first)
        let elements = try #require(SetElement.read(message))
        #expect(elements.map(\.address?.description) == ["10.18.14.94", "10.18.14.97"])
        #expect(elements.map(\.lifetime) == [nil, 212])
    }

    @Test("a key of no family's length is no address")
    func oddKeys() {
        #expect(SetElement(key: [1, 2, 3], lifetime: nil).address == nil)
        #expect(SetElement(key: [1, 2, 3], lifetime: nil).port == nil)
    }
}
