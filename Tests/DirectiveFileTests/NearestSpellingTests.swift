import DirectiveFile
import Testing

@Suite("The nearest right spelling")
struct NearestSpellingTests {
    static let directives = [
        "monitor", "down-after-milliseconds", "failover-timeout", "parallel-syncs", "auth-pass",
        "auth-user", "notification-script", "client-reconfig-script", "announce-ip",
        "announce-port", "port", "bind", "dir", "logfile", "loglevel", "daemonize", "pidfile",
    ]

    @Test(
        "a slip of the finger finds the directive that was meant",
        arguments: [
            ("prot", "port"),
            ("dri", "dir"),
            ("moniter", "monitor"),
            ("MONITOR", "monitor"),
            ("down-after-miliseconds", "down-after-milliseconds"),
            ("down_after_milliseconds", "down-after-milliseconds"),
            ("auth-pas", "auth-pass"),
            ("auth-usr", "auth-user"),
            ("announce-prot", "announce-port"),
            ("deamonize", "daemonize"),
            ("log-level", "loglevel"),
        ])
    func slips(word: String, meant: String) {
        #expect(nearestSpelling(of: word, among: Self.directives) == meant)
    }

    @Test(
        "what is near to nothing gets no advice", arguments: ["", "x", "maxmemory", "save", "user"])
    func far(word: String) {
        #expect(nearestSpelling(of: word, among: Self.directives) == nil)
    }

    @Test("the note's mymaster was meant to be master1")
    func note() {
        #expect(nearestSpelling(of: "mymaster", among: ["orders", "master1"]) == "master1")
    }

    @Test("of equally near candidates the first wins, an exact one before all")
    func ties() {
        #expect(nearestSpelling(of: "redis0", among: ["redis02", "redis01"]) == "redis02")
        #expect(nearestSpelling(of: "redis01", among: ["redis02", "redis01"]) == "redis01")
        #expect(nearestSpelling(of: "Orders", among: ["orders", "Orders"]) == "Orders")
    }

    @Test("two neighbours swapped are one slip, not two")
    func swapped() {
        #expect(nearestSpelling(of: "dri", among: ["dir"]) == "dir")
        #expect(nearestSpelling(of: "rid", among: ["dir"]) == nil)
    }

    @Test("a word longer than any name is not compared, unless it is exact")
    func long() {
        let long = String(repeating: "a", count: 100_000)
        #expect(nearestSpelling(of: long + "b", among: [long]) == nil)
        #expect(nearestSpelling(of: long, among: [long]) == long)
    }
}
