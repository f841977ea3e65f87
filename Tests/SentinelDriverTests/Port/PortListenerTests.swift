import SentinelFile
import Testing

@testable import SentinelDriver

@Suite("Where a Sentinel listens")
struct PortListenerTests {
    private func places(_ text: String) throws -> [String] {
        let options = SentinelFileReader.read(
            Array(text.utf8), path: "t",
            SentinelFileReader.Surroundings(
                include: { _ in .success([]) }, isExecutable: { _ in true })
        ).configuration.server
        return try PortListener.places(options).map {
            "\($0.host) \($0.port)" + ($0.isOptional ? " optional" : "")
                + ($0.isSecure ? " secure" : "")
        }
    }

    @Test("is everywhere by default, on IPv6 if there is any")
    func byDefault() throws {
        #expect(try places("") == ["0.0.0.0 26379", ":: 26379 optional"])
        #expect(try places("bind \"\"\n") == ["0.0.0.0 26379", ":: 26379 optional"])
    }

    @Test("is what bind, port and tls-port say")
    func said() throws {
        #expect(
            try places("bind 127.0.0.1 -::1\nport 5\ntls-port 6\n")
                == [
                    "127.0.0.1 5", "::1 5 optional", "127.0.0.1 6 secure",
                    "::1 6 optional secure",
                ])
    }

    @Test("is somewhere, or the start is refused")
    func nowhere() {
        #expect(throws: PortListener.Failure.self) { try places("port 0\n") }
    }
}
