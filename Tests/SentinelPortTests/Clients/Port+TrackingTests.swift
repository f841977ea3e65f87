import Testing

@testable import SentinelPort

@Suite("CLIENT TRACKING")
struct PortTrackingTests {
    @Test(
        "refuses in Redis's words",
        arguments: [
            ("CLIENT TRACKING foo", "-ERR syntax error"),
            ("CLIENT TRACKING ON FOO", "-ERR syntax error"),
            (
                "CLIENT TRACKING ON REDIRECT 99",
                "-ERR The client ID you want redirect to does not exist"
            ),
            (
                "CLIENT TRACKING ON PREFIX a",
                "-ERR PREFIX option requires BCAST mode to be enabled"
            ),
            (
                "CLIENT TRACKING ON BCAST OPTIN",
                "-ERR OPTIN and OPTOUT are not compatible with BCAST"
            ),
            (
                "CLIENT TRACKING ON OPTIN OPTOUT",
                "-ERR You can't specify both OPTIN mode and OPTOUT mode"
            ),
            (
                "CLIENT TRACKING ON BCAST PREFIX ab PREFIX a",
                "-ERR Prefix 'ab' overlaps with another provided prefix 'a'. Prefixes for a single"
                    + " client must not overlap."
            ),
            (
                "CLIENT CACHING YES",
                "-ERR CLIENT CACHING can be called only when the client is in"
                    + " tracking mode with OPTIN or OPTOUT mode enabled"
            ),
        ])
    func refusals(_ request: String, _ expected: String) {
        var counter = Counter()
        #expect(counter.text(request) == expected)
    }

    @Test("is remembered and shown")
    func shown() {
        var counter = Counter()
        #expect(counter.text("CLIENT TRACKING ON OPTIN") == "OK")
        #expect(counter.text("CLIENT CACHING YES") == "OK")
        #expect(
            counter.text("CLIENT TRACKINGINFO").contains("redirect")
                || counter.port.clients[0].tracking?.isOptIn == true)
        #expect(counter.text("CLIENT GETREDIR") == ":0")
        #expect(counter.text("CLIENT TRACKING OFF") == "OK")
        #expect(counter.text("CLIENT GETREDIR") == ":-1")
    }
}
