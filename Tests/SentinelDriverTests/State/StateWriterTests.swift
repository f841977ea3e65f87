import SentinelCore
import Synchronization
import Testing

@testable import SentinelDriver

@Suite("The thread that writes the state")
struct StateWriterTests {
    @Test("the newest state is on disk when its number is reported, and numbers only grow")
    func order() async throws {
        let directory = try TemporaryDirectory()
        let file = StateFile(path: directory.path + "/state")
        let reports = Mutex<[UInt64]>([])
        let writer = StateWriter(file: file) { sequence, failure in
            #expect(failure == nil)
            reports.withLock { $0.append(sequence) }
        }
        var state = StateTextTests.state
        for sequence in 1...200 {
            state.currentEpoch = UInt64(sequence)
            writer.write(state, sequence: UInt64(sequence))
        }
        try await writer.shutDown()
        let told = reports.withLock { $0 }
        #expect(told.last == 200)
        #expect(told == told.sorted())
        #expect(try file.read()?.currentEpoch == 200)
    }

    @Test("a disk that refuses is reported with its reason")
    func failure() async throws {
        let failures = Mutex<[StateFileError]>([])
        let writer = StateWriter(file: StateFile(path: "/proc/none/state")) { _, failure in
            failures.withLock { $0.append(contentsOf: failure.map { [$0] } ?? []) }
        }
        writer.write(StateTextTests.state, sequence: 1)
        try await writer.shutDown()
        #expect(failures.withLock { $0.count } == 1)
    }
}
