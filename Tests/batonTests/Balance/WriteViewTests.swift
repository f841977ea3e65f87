import Addressing
import ObserverCore
import Testing

@testable import baton

@Suite("Where writes go by what was seen")
struct WriteViewTests {
    private func view(_ host: UInt8, isNamed: Bool) -> GroupView {
        let endpoint = Endpoint(address: .v4(IPv4Address(10, 0, 0, host)), port: 6379)
        return GroupView(primary: endpoint, epoch: 1, isNamed: isNamed, servers: [])
    }

    @Test("before a node has named a primary it is the file's")
    func beginning() {
        var writes = WriteView()
        #expect(writes.note(view(1, isNamed: false)) == view(1, isNamed: false))
        #expect(writes.note(view(2, isNamed: true)) == view(2, isNamed: true))
    }

    @Test("whoever begins to watch takes nothing back until a node has told him")
    func anew() {
        var writes = WriteView()
        _ = writes.note(view(2, isNamed: true))
        #expect(writes.note(view(1, isNamed: false)) == view(2, isNamed: true))
        #expect(writes.note(view(3, isNamed: true)) == view(3, isNamed: true))
    }
}
