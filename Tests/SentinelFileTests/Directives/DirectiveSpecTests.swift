import Testing

@testable import SentinelFile

@Suite("Directives of redis.conf")
struct DirectiveSpecTests {
    @Test(
        "have one spelling of each value",
        arguments: [
            ("daemonize", ["YES"], "yes"), ("maxmemory", ["1gb"], "1073741824"),
            ("maxmemory", ["5k"], "5000"), ("loglevel", ["Notice"], "notice"),
            ("unixsocketperm", ["700"], "700"), ("bind", ["127.0.0.1 ::1"], "127.0.0.1 ::1"),
            ("shutdown-on-sigterm", ["NOSAVE", "now"], "nosave now"),
            ("save", ["900", "1"], "900 1"),
        ])
    func values(_ name: String, _ words: [String], _ expected: String) throws {
        let spec = try #require(DirectiveSpec.named(name))
        #expect(try spec.value(of: words) == expected)
    }

    @Test(
        "refuse what cannot be meant",
        arguments: [
            ("port", ["65536"]), ("port", ["05"]), ("maxclients", ["0"]), ("maxmemory", ["1tb"]),
            ("maxmemory", ["99999999999gb"]), ("loglevel", ["loud"]), ("unixsocketperm", ["9"]),
            ("daemonize", ["1"]), ("port", ["1", "2"]), ("shutdown-on-sigint", ["never"]),
        ])
    func refused(_ name: String, _ words: [String]) throws {
        let spec = try #require(DirectiveSpec.named(name))
        #expect(throws: DirectiveSpec.Complaint.self) { try spec.value(of: words) }
    }

    @Test("are found by their old names, each of them once")
    func names() {
        #expect(DirectiveSpec.named("slave-priority")?.name == "replica-priority")
        #expect(Set(DirectiveSpec.all.map(\.name)).count == DirectiveSpec.all.count)
    }
}
