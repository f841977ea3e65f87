import Foundation
import NodeCore
import Testing

@testable import SentinelDriver

@Suite("The status as JSON")
struct StatusJSONTests {
    @Test("it is JSON, the same bytes for the same facts, and holds what a table shows")
    func document() throws {
        let text = NodeStatus.example.json
        #expect(text == NodeStatus.example.json)
        #expect(text.hasPrefix(#"{"schema":1,"name":"redis01","id":"000000000000000b"#))
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(document["mayVote"] as? Bool == true)
        let group = try #require((document["groups"] as? [[String: Any]])?.first)
        #expect(group["primary"] as? String == "10.0.0.1:6379")
        #expect(group["address"] as? String == "held")
        let enforcement = try #require(group["enforcement"] as? [String: Any])
        #expect(enforcement["by"] as? String == "packet-filter")
        #expect(enforcement["latenessMilliseconds"] as? Int == 50)
        #expect(enforcement["isPossible"] as? Bool == true)
        let servers = try #require(group["servers"] as? [[String: Any]])
        #expect(servers.count == 3)
        #expect(servers[1]["lagBytes"] as? Int == 100)
        #expect((servers[1]["report"] as? [String: Any])?["primary"] as? String == "10.0.0.1:6379")
        #expect(servers[2]["report"] is NSNull)
        let peers = try #require(group["peers"] as? [[String: Any]])
        #expect(peers[0]["name"] as? String == "redis02")
        #expect(peers[1]["id"] is NSNull)
    }
}
