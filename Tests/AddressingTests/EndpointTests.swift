import Addressing
import Testing

@Suite("Endpoint")
struct EndpointTests {
    @Test(
        "prints the port behind the address, an IPv6 address in brackets",
        arguments: [
            ("10.0.0.1", UInt16(6379), "10.0.0.1:6379"), ("::1", 65535, "[::1]:65535"),
            ("2001:db8::1", 0, "[2001:db8::1]:0"),
        ])
    func description(address: String, port: UInt16, text: String) throws {
        let endpoint = Endpoint(address: try #require(IPAddress(address)), port: port)
        #expect(endpoint.description == text)
    }

    @Test("orders by address, then by port")
    func order() throws {
        let pairs: [(String, UInt16)] = [
            ("10.0.0.9", 6380), ("10.0.0.10", 6379), ("10.0.0.10", 6380), ("::1", 1),
        ]
        let endpoints = try pairs.map { text, port in
            Endpoint(address: try #require(IPAddress(text)), port: port)
        }
        #expect(endpoints.reversed().sorted() == endpoints)
    }
}
