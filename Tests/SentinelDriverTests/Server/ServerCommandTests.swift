import Addressing
import MonotonicTime
import NodeCore
import RESP
import SentinelCore
import Testing

@testable import SentinelDriver

@Suite("What the node's own port answers")
struct ServerCommandTests {
    private var client = ClientState(id: 7, isLoopback: false)
    private var secret = ClusterSecret.shared("geheim")
    private var status = NodeStatus.example

    private mutating func run(_ words: String...) -> CommandOutcome {
        let facts = ServerFacts(
            version: "1.2.3", secret: secret, address: .v4(IPv4Address(127, 0, 0, 1)), port: 26379,
            processID: 71,
            runID: RunID(high: 1, middle: 2, low: 3), startedAt: Instant(nanoseconds: 0))
        let status = self.status
        return ServerCommand(
            words.map { Array($0.utf8) }, facts: facts, now: Instant(nanoseconds: 90_000_000_000)
        ) { status }.run(for: &client)
    }

    private func text(_ outcome: CommandOutcome) -> String? {
        guard case .replies(let values) = outcome, values.count == 1 else { return nil }
        return values[0].text
    }

    private func elements(_ outcome: CommandOutcome) -> [RESPValue]? {
        guard case .replies(let values) = outcome, values.count == 1 else { return nil }
        return values[0].elements
    }

    // MARK: Everybody

    @Test("PING is answered, with a word if one was given")
    mutating func ping() {
        #expect(run("ping") == .reply(.simple("PONG")))
        #expect(run("PING", "x") == .reply(.bulk("x")))
        #expect(run("PING", "x", "y") == .wrongArgumentCount("ping"))
    }

    @Test("what is unknown is refused in Redis's words")
    mutating func unknown() {
        #expect(
            run("GET", "a", "b")
                == .refuse("ERR unknown command 'GET', with args beginning with: 'a' 'b' "))
        #expect(run("SHUTDOWN") != .ok)
        #expect(
            run("SENTINEL", "frob")
                == .refuse("ERR unknown subcommand 'frob'. Try SENTINEL HELP."))
        #expect(run("SENTINEL", "master") == .wrongArgumentCount("sentinel|master"))
        #expect(run("SENTINEL") == .wrongArgumentCount("sentinel"))
        #expect(run("POST", "/") == .close(nil))
        #expect(run("Host:", "x") == .close(nil))
        #expect(run("QUIT") == .close(.simple("OK")))
    }

    @Test("HELLO 3 changes the protocol and says what this is")
    mutating func hello() throws {
        let outcome = run("HELLO", "3", "SETNAME", "me")
        guard case .replies(let values) = outcome else { return }
        let pairs = try #require(values.first?.pairs)
        #expect(
            pairs.compactMap(\.key.string) == [
                "server", "version", "proto", "id", "mode", "modules",
            ])
        #expect(pairs[2].value.number == 3)
        #expect(pairs[4].value.string == "sentinel")
        #expect(client.version == .resp3)
        #expect(run("CLIENT", "GETNAME") == .reply(.bulk("me")))
        #expect(run("HELLO", "4") == .refuse("NOPROTO unsupported protocol version"))
        #expect(run("HELLO", "2", "FOO") == .refuse("ERR Syntax error in HELLO option 'FOO'"))
        #expect(client.version == .resp3)
    }

    @Test("CLIENT knows what libraries send when they connect")
    mutating func clientCommand() {
        #expect(run("CLIENT", "SETINFO", "lib-name", "redis-py") == .ok)
        #expect(run("CLIENT", "GETNAME") == .reply(.null))
        #expect(run("CLIENT", "SETNAME", "a b") != .ok)
        #expect(run("CLIENT", "SETNAME", "a-b") == .ok)
        #expect(run("CLIENT", "ID") == .reply(.integer(7)))
        #expect(
            run("CLIENT", "KILL", "x") == .refuse("ERR unknown subcommand 'KILL'. Try CLIENT HELP.")
        )
        #expect(run("COMMAND") == .reply(.array([])))
    }

    @Test("INFO has the sections of a Sentinel, and each group's line")
    mutating func info() throws {
        let all = try #require(text(run("INFO")))
        #expect(all.contains("redis_mode:sentinel\r\n"))
        #expect(all.contains("uptime_in_seconds:90\r\n"))
        #expect(
            all.contains(
                "master0:name=orders,status=ok,address=10.0.0.1:6379,slaves=2,sentinels=3\r\n"))
        #expect(try #require(text(run("INFO", "sentinel"))).hasPrefix("# Sentinel\r\n"))
        #expect(text(run("INFO", "keyspace")) == "")
        status.groups[0].servers[0].isSubjectivelyDown = true
        #expect(text(run("INFO"))?.contains("status=sdown") == true)
        status.groups[0].isObjectivelyDown = true
        #expect(text(run("INFO"))?.contains("status=odown") == true)
    }

    @Test("ROLE names the groups")
    mutating func role() {
        #expect(run("ROLE") == .reply(.array([.bulk("sentinel"), .array([.bulk("orders")])])))
    }

    // MARK: SENTINEL

    @Test("the address of a primary is found by its group's name")
    mutating func address() {
        #expect(
            run("SENTINEL", "get-master-addr-by-name", "orders")
                == .reply(.array([.bulk("10.0.0.1"), .bulk("6379")])))
        #expect(run("SENTINEL", "GET-PRIMARY-ADDR-BY-NAME", "Orders") == .reply(.nullArray))
        #expect(run("SENTINEL", "MYID") == .reply(.bulk(status.id.description)))
    }

    @Test("groups, replicas and nodes are listed")
    mutating func lists() {
        #expect(elements(run("SENTINEL", "MASTERS"))?.count == 1)
        #expect(elements(run("SENTINEL", "REPLICAS", "orders"))?.count == 2)
        #expect(elements(run("SENTINEL", "SLAVES", "orders"))?.count == 2)
        #expect(elements(run("SENTINEL", "SENTINELS", "orders"))?.count == 2)
        status.groups[0].servers[1].report?.isAnnounced = false
        #expect(elements(run("SENTINEL", "REPLICAS", "orders"))?.count == 1)
        for word in ["MASTER", "REPLICAS", "SENTINELS", "CKQUORUM", "FAILOVER"] {
            #expect(
                run("SENTINEL", word, "none") == .refuse("ERR No such master with that name"))
        }
    }

    @Test("CKQUORUM counts the nodes that answer")
    mutating func checkQuorum() {
        #expect(
            run("SENTINEL", "CKQUORUM", "orders")
                == .reply(
                    .simple(
                        "OK 2 usable Sentinels. Quorum and failover authorization can be reached")))
        status.groups[0].peers[0].isConnected = false
        #expect(
            run("SENTINEL", "CKQUORUM", "orders")
                == .refuse(
                    "NOQUORUM 1 usable Sentinels. Not enough available Sentinels to reach the"
                        + " specified quorum for this master. Not enough available Sentinels to"
                        + " reach the majority and authorize a failover"))
        status.groups[0].settings.quorum = 1
        #expect(
            run("SENTINEL", "CKQUORUM", "orders")
                == .refuse(
                    "NOQUORUM 1 usable Sentinels. Not enough available Sentinels to reach the"
                        + " majority and authorize a failover"))
    }

    @Test("a stranger learns whether the primary is down, and never gets a vote")
    mutating func isDown() {
        let id = String(repeating: "a", count: 40)
        let ask = ["10.0.0.1", "6379", "8", id]
        #expect(
            run("SENTINEL", "is-master-down-by-addr", ask[0], ask[1], ask[2], ask[3])
                == .reply(.array([.integer(0), .bulk("*"), .integer(0)])))
        status.groups[0].servers[0].isSubjectivelyDown = true
        #expect(
            run("SENTINEL", "is-master-down-by-addr", ask[0], ask[1], ask[2], ask[3])
                == .reply(.array([.integer(1), .bulk("*"), .integer(0)])))
        #expect(
            run("SENTINEL", "is-master-down-by-addr", "10.0.0.2", "6379", "8", "*")
                == .reply(.array([.integer(0), .bulk("*"), .integer(0)])))
    }

    @Test("a failover is ordered by someone on this host, or who knows the secret")
    mutating func failover() {
        guard case .replies(let values) = run("SENTINEL", "FAILOVER", "orders") else { return }
        #expect(values.first?.isError("NOPERM") == true)
        #expect(run("AUTH", "geheim") == .ok)
        #expect(
            run("SENTINEL", "FAILOVER", "orders") == .failover(group: "orders", FailoverOrder()))
        client = ClientState(id: 8, isLoopback: true)
        #expect(
            run("SENTINEL", "FAILOVER", "orders") == .failover(group: "orders", FailoverOrder()))
    }

    @Test("a pause is ordered likewise, with its length in milliseconds")
    mutating func pause() {
        guard case .replies(let values) = run("SENTINEL", "PAUSE", "orders") else { return }
        #expect(values.first?.isError("NOPERM") == true)
        client = ClientState(id: 8, isLoopback: true)
        #expect(run("SENTINEL", "PAUSE", "orders") == .pause(group: "orders", .pause(for: nil)))
        #expect(
            run("SENTINEL", "PAUSE", "orders", "90000")
                == .pause(group: "orders", .pause(for: .seconds(90))))
        #expect(run("SENTINEL", "RESUME", "orders") == .pause(group: "orders", .resume))
        for length in ["0", "-1", "x", "2592000001"] {
            guard case .replies(let values) = run("SENTINEL", "PAUSE", "orders", length) else {
                Issue.record("a pause of \(length) was accepted")
                continue
            }
            #expect(values.first?.isError("ERR") == true)
        }
    }

    // MARK: Peers

    @Test("a peer is heard under its seal, and by nothing else")
    mutating func peers() {
        let evidence = Evidence(
            group: "orders", server: PeerWireTests.primary, runID: PeerWireTests.id)
        let words = PeerWire.request(.evidence(evidence))
        let noauth = CommandOutcome.refuse("NOAUTH Authentication required.")
        #expect(run(words[0], words[1], words[2], words[3], words[4], words[5]) == noauth)
        #expect(run("PUBLISH", "__sentinel__:hello", "x") == noauth)
        #expect(
            run("AUTH", "wrong")
                == .refuse("WRONGPASS invalid username-password pair or user is disabled."))
        #expect(run("PUBLISH", "__sentinel__:hello", "x") == noauth)
        #expect(run("AUTH", "baton", "geheim") == .ok)
        #expect(run(words[0], words[1], words[2], words[3], words[4], words[5]) == noauth)
        #expect(run("PUBLISH", "__sentinel__:hello", "x") == .hello("x"))
        client.isPeer = true
        #expect(
            run(words[0], words[1], words[2], words[3], words[4], words[5])
                == .tell(.evidence(evidence)))
        #expect(
            run("PUBLISH", "other", "x")
                == .refuse("ERR Only HELLO messages are accepted by Sentinel instances."))
        #expect(run("BATON", "FROB") == .refuse("ERR not a message of a node: BATON FROB"))
    }

    @Test("another user of the same password is not the cluster")
    mutating func otherUser() {
        #expect(run("AUTH", "admin", "geheim") != .ok)
        #expect(!client.isAuthenticated)
        guard case .replies(let values) = run("HELLO", "3", "AUTH", "baton", "no") else { return }
        #expect(values.first?.isError("WRONGPASS") == true)
        #expect(client.version == .resp2)
        _ = run("HELLO", "3", "AUTH", "default", "geheim")
        #expect(client.isAuthenticated)
    }

    @Test("without a secret, whoever reaches the port is heard")
    mutating func noSecret() {
        secret = .none
        #expect(run("PUBLISH", "__sentinel__:hello", "x") == .hello("x"))
        #expect(text(run("AUTH", "x"))?.hasPrefix("ERR AUTH <password> called without") == true)
        #expect(run("AUTH", "default", "x") == .ok)
        #expect(text(run("AUTH", "admin", "x"))?.hasPrefix("WRONGPASS") == true)
    }

    @Test("the status is JSON, for everybody")
    mutating func statusCommand() {
        #expect(text(run("BATON", "STATUS")) == status.json)
    }

    // MARK: Events

    @Test("subscriptions are confirmed one by one, and hear what they asked for")
    mutating func subscriptions() {
        #expect(
            run("SUBSCRIBE", "+sdown", "-sdown")
                == .replies([
                    .push([.bulk("subscribe"), .bulk("+sdown"), .integer(1)]),
                    .push([.bulk("subscribe"), .bulk("-sdown"), .integer(2)]),
                ]))
        #expect(
            run("PSUBSCRIBE", "+*")
                == .reply(.push([.bulk("psubscribe"), .bulk("+*"), .integer(3)])))
        let message = Array("x".utf8)
        #expect(client.messages(channel: Array("+sdown".utf8), message).count == 2)
        #expect(client.messages(channel: Array("-sdown".utf8), message).count == 1)
        #expect(client.messages(channel: Array("-odown".utf8), message).isEmpty)
        #expect(run("PING") == .reply(.array([.bulk("pong"), .bulk("")])))
        #expect(text(run("ROLE"))?.hasPrefix("ERR Can't execute 'role': only") == true)
        #expect(
            run("UNSUBSCRIBE")
                == .replies([
                    .push([.bulk("unsubscribe"), .bulk("+sdown"), .integer(2)]),
                    .push([.bulk("unsubscribe"), .bulk("-sdown"), .integer(1)]),
                ]))
        #expect(
            run("PUNSUBSCRIBE", "+*")
                == .reply(.push([.bulk("punsubscribe"), .bulk("+*"), .integer(0)])))
        #expect(
            run("UNSUBSCRIBE") == .reply(.push([.bulk("unsubscribe"), .null, .integer(0)])))
        #expect(run("ROLE") != .ok)
    }

    @Test("a client cannot subscribe without end")
    mutating func subscriptionsMax() {
        for number in 0..<ClientState.subscriptionsMax { _ = run("SUBSCRIBE", "c\(number)") }
        #expect(text(run("SUBSCRIBE", "one more"))?.hasPrefix("ERR more than") == true)
        #expect(client.channels.count == ClientState.subscriptionsMax)
    }
}
