import Testing

@testable import BalancerDriver

@Suite("Byte queue")
struct ByteQueueTests {
    @Test("bytes leave in the order in which they came, however they are cut")
    func order() {
        var queue = ByteQueue()
        defer { queue.free() }
        var model: [UInt8] = []
        var next: UInt8 = 0
        for round in 0..<500 {
            let coming = (0..<(round * 37) % 700).map { _ in
                next &+= 1
                return next
            }
            coming.withUnsafeBytes { queue.append($0) }
            model += coming
            let leaving = min(model.count, (round * 53) % 690)
            #expect(queue.bytes().prefix(leaving).elementsEqual(model.prefix(leaving)))
            queue.removeFirst(leaving)
            model.removeFirst(leaving)
            #expect(queue.count == model.count)
        }
        #expect(queue.bytes(from: queue.count / 2).elementsEqual(model[(model.count / 2)...]))
    }

    @Test("moves all to the front of a buffer, and may fill it")
    func moves() {
        var queue = ByteQueue()
        defer { queue.free() }
        [UInt8](1...8).withUnsafeBytes { queue.append($0) }
        var buffer = [UInt8](repeating: 0, count: 8)
        #expect(buffer.withUnsafeMutableBytes { queue.moveAll(to: $0) } == 8)
        #expect(buffer == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(queue.isEmpty)
        #expect(buffer.withUnsafeMutableBytes { queue.moveAll(to: $0) } == 0)
    }
}
