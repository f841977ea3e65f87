import Glibc
import Testing

@testable import baton

@Suite("Why there is no status")
struct NodeFailureTests {
    static let causes: [NodeFailure.Cause] = [
        .unknownHost("redis9", "Name or service not known"), .unreachable(ECONNREFUSED),
        .unreachable(EINPROGRESS), .unreachable(EHOSTUNREACH), .unreachable(EPERM),
        .broken(EAGAIN), .broken(ECONNRESET), .closed, .refused("ERR unknown command 'BATON'"),
        .refused("NOAUTH"), .otherProtocol("not RESP"), .notBaton, .unreadable(.notJSON),
        .unreadable(.otherSchema(2)), .unreadable(.lacks("name")),
    ]

    @Test("is said with what to do, each cause in its own words")
    func lines() {
        let all = Self.causes.map { NodeFailure(place: "10.0.0.1:26379", cause: $0).lines }
        #expect(all.allSatisfy { $0.count >= 2 })
        #expect(all.joined().allSatisfy { DisplayWidth.of($0) <= 80 })
        #expect(Set(all.map { $0[0] }).count == Self.causes.count)
        #expect(all.dropFirst().allSatisfy { $0[0].contains("10.0.0.1:26379") })
    }

    @Test("nothing that listens is told from nothing that answers")
    func refusedOrSilent() {
        let refused = NodeFailure(place: "a:1", cause: .unreachable(ECONNREFUSED)).lines
        #expect(refused[0] == "nothing listens at a:1 (connection refused)")
        let silent = NodeFailure(place: "a:1", cause: .unreachable(EINPROGRESS)).lines
        #expect(silent[0] == "no answer from a:1 within 2 s")
    }
}
