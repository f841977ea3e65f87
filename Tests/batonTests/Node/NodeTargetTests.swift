import Addressing
import DirectiveFile
import Testing

@testable import baton

@Suite("Where the node of this host listens")
struct NodeTargetTests {
    @Test(
        "follows from port and bind",
        arguments: [
            ("", "127.0.0.1:26379"), ("port 26380", "127.0.0.1:26380"),
            ("port 1\nPORT 2", "127.0.0.1:2"), ("port nonsense", "127.0.0.1:26379"),
            ("bind *", "127.0.0.1:26379"), ("bind 10.0.0.2 127.0.0.1", "127.0.0.1:26379"),
            ("bind 10.0.0.1 10.0.0.2\nport 7", "10.0.0.2:7"), ("bind -fd00::2", "[fd00::2]:26379"),
            ("bind 10.0.0.1", "127.0.0.1:26379"), ("nonsense \"", "127.0.0.1:26379"),
        ])
    func target(text: String, place: String) throws {
        let own = try ["10.0.0.2", "fd00::2"].map { try #require(IPAddress($0)) }
        let document = Document(reading: Array(text.utf8))
        #expect(NodeTarget.target(of: document, ownAddresses: own).description == place)
    }
}
