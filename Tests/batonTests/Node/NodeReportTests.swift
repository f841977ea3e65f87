import Testing

@testable import baton

/// A status as a node writes it: redis02 does not answer, redis03 has lost its node.
let sampleStatus = """
    {"schema":1,"name":"redis01","id":"c084ec33a5b60aa56d2ebd63a6b7442e2e257f38",\
    "endpoint":"192.168.11.123:26379","currentEpoch":3,"mayVote":true,"groups":[{"name":"orders",\
    "primary":"192.168.11.123:6379","configEpoch":3,"quorum":2,"downAfterMilliseconds":5000,\
    "failoverTimeoutMilliseconds":30000,"parallelSyncs":1,"isObjectivelyDown":false,\
    "isConfirmed":true,"failoverState":"none","address":"held","servers":[\
    {"endpoint":"192.168.11.123:6379","isPrimary":true,"isLocal":true,"isConnected":true,\
    "isSubjectivelyDown":false,"silenceMilliseconds":120,"reportAgeMilliseconds":400,\
    "lagBytes":null,"report":{"role":"primary","primary":null,"runID":null,"replicationID":null,\
    "offset":5000,"priority":100,"isLinkUp":false,"linkDownSeconds":null,"isSyncing":false,\
    "isLoading":false,"isAnnounced":true,"processID":1,"version":"7.0.15","attached":[]}},\
    {"endpoint":"192.168.11.124:6379","isPrimary":false,"isLocal":false,"isConnected":false,\
    "isSubjectivelyDown":true,"silenceMilliseconds":12345,"reportAgeMilliseconds":null,\
    "lagBytes":null,"report":null},\
    {"endpoint":"192.168.11.125:6379","isPrimary":false,"isLocal":false,"isConnected":true,\
    "isSubjectivelyDown":false,"silenceMilliseconds":80,"reportAgeMilliseconds":400,\
    "lagBytes":2048,"report":{"role":"replica","primary":"192.168.11.124:6379","runID":null,\
    "replicationID":null,"offset":2952,"priority":100,"isLinkUp":true,"linkDownSeconds":null,\
    "isSyncing":false,"isLoading":false,"isAnnounced":true,"processID":1,"version":"7.0.15",\
    "attached":[]}}],"peers":[\
    {"name":"redis02","endpoint":"192.168.11.124:26379","id":null,"isConnected":true,\
    "isSubjectivelyDown":false,"silenceMilliseconds":310,"primary":"192.168.11.123:6379",\
    "configEpoch":3,"holdsAddress":false},\
    {"name":"redis03","endpoint":"192.168.11.125:26379","id":null,"isConnected":false,\
    "isSubjectivelyDown":true,"silenceMilliseconds":75000,"primary":"192.168.11.125:6379",\
    "configEpoch":2,"holdsAddress":true}]}]}
    """

@Suite("A node's report")
struct NodeReportTests {
    static func read(_ text: String) throws(NodeReport.Unreadable) -> NodeReport {
        try NodeReport(json: Array(text.utf8))
    }

    @Test("is read from its JSON")
    func sample() throws {
        let report = try Self.read(sampleStatus)
        #expect(report.name == "redis01")
        let group = try #require(report.groups.first)
        #expect(group.address == "held")
        #expect(group.servers.map(\.lagBytes) == [nil, nil, 2048])
        #expect(group.servers[1].report == nil)
        #expect(group.servers[2].report?.primary == "192.168.11.124:6379")
        #expect(group.peers.map(\.holdsAddress) == [false, true])
    }

    @Test("keys that are new to this program are let pass")
    func newKeys() throws {
        let text = sampleStatus.replacing("{\"schema\":1,", with: "{\"schema\":1,\"new\":[{}],")
        #expect(try Self.read(text) == Self.read(sampleStatus))
    }

    @Test(
        "what is no status is refused with the reason",
        arguments: [
            ("hello", NodeReport.Unreadable.notJSON), ("{}", .lacks("schema")),
            ("{\"schema\":2}", .otherSchema(2)), ("{\"schema\":1}", .lacks("name")),
            (sampleStatus.replacing("\"quorum\":2", with: "\"quorum\":\"2\""), .lacks("quorum")),
            (
                sampleStatus.replacing("\"lagBytes\":2048", with: "\"lagBytes\":true"),
                .lacks("lagBytes")
            ),
            (sampleStatus.replacing("\"isLinkUp\"", with: "\"linkUp\""), .lacks("isLinkUp")),
        ])
    func refused(text: String, reason: NodeReport.Unreadable) {
        #expect(throws: reason) { try Self.read(text) }
    }
}
