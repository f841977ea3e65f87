import Glibc
import SentinelCore
import Testing

@testable import SentinelDriver

@Suite("The state file on disk")
struct StateFileTests {
    let directory = try! TemporaryDirectory()
    var file: StateFile { StateFile(path: directory.path + "/state") }

    @Test("a missing file is a new node, a written one is read back")
    func writeAndRead() throws {
        #expect(try file.read() == nil)
        try file.write(StateTextTests.state)
        #expect(try file.read() == StateTextTests.state)
        #expect(directory.names() == ["state"])
    }

    @Test("only the node's own user may read it")
    func mode() throws {
        try file.write(StateTextTests.state)
        var facts = stat()
        #expect(stat(file.path, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o600)
    }

    @Test("a crash between writing beside and renaming leaves the old state")
    func crashBeforeRename() throws {
        try file.write(StateTextTests.state)
        var newer = StateTextTests.state
        newer.currentEpoch = 99
        let half = Array(StateText.encode(newer).utf8).prefix(50)
        directory.put(Array(half), "state.new")
        #expect(try file.read() == StateTextTests.state)
        // And the leftover is no obstacle, whole or not.
        try file.write(newer)
        #expect(try file.read() == newer)
        #expect(directory.names() == ["state"])
    }

    @Test("every truncation of a good file is refused, and says file and what to do")
    func truncations() throws {
        let bytes = Array(StateText.encode(StateTextTests.state).utf8)
        for count in 0..<bytes.count {
            directory.put(Array(bytes[..<count]), "state")
            let error = #expect(throws: StateFileError.self) { try file.read() }
            #expect(error?.description.contains(file.path) == true)
            #expect(error?.description.contains("Restore the file") == true)
        }
    }

    @Test("what is no state file by its size is not read whole")
    func tooLarge() {
        directory.put([UInt8](repeating: 0x20, count: StateFile.sizeBytesMax + 1), "state")
        #expect(
            throws: StateFileError(
                path: file.path, reason: .tooLarge(limitBytes: StateFile.sizeBytesMax))
        ) {
            try file.read()
        }
    }

    @Test("a directory that is not there is named")
    func missingDirectory() {
        let lost = StateFile(path: directory.path + "/none/state")
        let error = #expect(throws: StateFileError.self) { try lost.write(StateTextTests.state) }
        #expect(error?.description.contains("No such file or directory") == true)
    }

    @Test("a new node's identity is on disk before it does anything")
    func newNode() throws {
        let memory = Memory(file)
        #expect(memory.problem == nil)
        #expect(try file.read()?.id == memory.state.id)
        #expect(Memory(file).state == memory.state)
        let other = Memory(StateFile(path: directory.path + "/other"))
        #expect(other.state.id != memory.state.id)
    }

    @Test("a damaged file is left as it is")
    func damaged() throws {
        directory.put(Array("garbage\n".utf8), "state")
        let memory = Memory(file)
        #expect(memory.problem?.contains("votes for nobody") == true)
        #expect(directory.contents("state") == "garbage\n")
        #expect(directory.names() == ["state"])
    }
}
