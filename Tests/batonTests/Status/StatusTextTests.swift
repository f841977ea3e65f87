import Testing

@testable import baton

@Suite("The picture of a status")
struct StatusTextTests {
    static func lines(_ text: String, widthMax: Int? = 80) throws -> [String] {
        StatusText(report: try NodeReport(json: Array(text.utf8)), widthMax: widthMax)
            .lines().map(\.text)
    }

    static func line(_ beginning: String, of text: String) throws -> String? {
        try lines(text).first { $0.hasPrefix(beginning) }
    }

    @Test("shows group, servers and nodes in 80 columns")
    func whole() throws {
        #expect(
            try Self.lines(sampleStatus) == [
                "as seen by redis01 at 192.168.11.123:26379, epoch 3",
                "",
                "orders  primary redis01 192.168.11.123:6379 since epoch 3, quorum 2 of 3",
                "        write address held by redis01",
                "        no failover",
                "",
                "  SERVER   ADDRESS              ROLE     LINK      LAG  SILENCE  NOTES",
                "  redis01  192.168.11.123:6379  primary  up          -    0.1 s  this host",
                "  redis02  192.168.11.124:6379  replica  down        ?   12.3 s  s_down",
                "  redis03  192.168.11.125:6379  replica  up    2.0 KiB    0.0 s  follows 192.16…",
                "",
                "  NODE     ADDRESS               CONTACT             PRIMARY  WRITE ADDRESS",
                "  redis01  192.168.11.123:26379  this node           agrees   holds it",
                "  redis02  192.168.11.124:26379  0.3 s ago           agrees",
                "  redis03  192.168.11.125:26379  s_down, 1 min 15 s  redis03  held it",
            ])
    }

    @Test("says what a failover may lose, and that writes are refused")
    func safety() throws {
        func line(_ safety: String) throws -> String? {
            let text = sampleStatus.replacing(
                "\"servers\":", with: "\"writeSafety\":\(safety),\"servers\":")
            return try Self.lines(text)[4]
        }
        #expect(
            try line(#"{"mode":"bounded","boundSeconds":3,"refusesWrites":false}"#)
                == "        bounded 3 s: at most 3 s of acknowledged writes can be lost")
        #expect(
            try line(#"{"mode":"bounded","boundSeconds":3,"refusesWrites":true}"#)
                == "        bounded 3 s: refuses writes now: no replica attached")
        #expect(
            try line(#"{"mode":"async","boundSeconds":null,"refusesWrites":false}"#)
                == "        async: a failover loses what the replica has not got")
        #expect(try line("null") == "        no failover")
    }

    @Test("says where the lifetime of the address alone ends a lease, and where it can't")
    func enforcement() throws {
        func line(_ by: String, _ isPossible: Bool) throws -> String? {
            let enforcement =
                #"{"by":"\#(by)","latenessMilliseconds":1500,"#
                + #""leaseMillisecondsMin":4217,"isPossible":\#(isPossible)}"#
            let text = sampleStatus.replacing(
                "\"servers\":", with: "\"enforcement\":\(enforcement),\"servers\":")
            return try Self.lines(text)[4]
        }
        #expect(
            try line("address-lifetime", true)
                == "        no packet filter here: ends 1500 ms late at most, no fence")
        #expect(
            try line("address-lifetime", false)
                == "        not to be held here: the lease in force is under 4217 ms")
        #expect(try line("packet-filter", true) == "        no failover")
    }

    @Test("says that a group is paused, loudly when nobody takes over")
    func pause() throws {
        func line(_ pause: String, _ change: (String) -> String = { $0 }) throws -> String? {
            let text = sampleStatus.replacing(
                "\"servers\":", with: "\"pause\":\(pause),\"servers\":")
            return try Self.lines(change(text))[3]
        }
        #expect(
            try line(#"{"number":1,"remainingMilliseconds":7199000}"#)
                == "        paused for 1 h 59 min more: no failover by itself")
        #expect(
            try line(#"{"number":1,"remainingMilliseconds":null}"#)
                == "        paused until `baton resume orders`: no failover by itself")
        #expect(
            try line(#"{"number":1,"remainingMilliseconds":null}"#) {
                $0.replacing("\"held\"", with: "\"released\"")
            } == "        PAUSED until `baton resume orders`: NOBODY TAKES OVER")
    }

    @Test("says who answers for the write address, when it is not who should")
    func sighting() throws {
        func lines(_ more: String, _ address: String = "released") throws -> [String] {
            let text = sampleStatus.replacing("\"servers\":", with: "\(more),\"servers\":")
                .replacing("\"held\"", with: "\"\(address)\"")
                .replacing(
                    "\"configEpoch\":3,\"holdsAddress\":false",
                    with: "\"configEpoch\":3,\"holdsAddress\":true")
            return Array(try Self.lines(text, widthMax: nil)[3...4])
        }
        func sighting(_ answering: String, _ isConfirmed: Bool) -> String {
            """
            "sighting":{"answering":\(answering),"holder":"02:00:00:00:00:02",\
            "milliseconds":4,"isConfirmed":\(isConfirmed)}
            """
        }
        let held = "        write address held by redis02"
        #expect(
            try lines(sighting("\"02:00:00:00:00:02\"", true))
                == [held, "        answered there, as seen by redis01"])
        #expect(
            try lines(sighting("\"02:00:00:00:00:09\"", false))[0]
                == held + ", but 02:00:00:00:00:09 answers for it")
        #expect(try lines(sighting("null", false))[0] == held + ", not answered here")
        #expect(
            try lines("\"stranger\":\"02:00:00:00:00:09\"", "wanted")[0]
                == held + ", not taken here: 02:00:00:00:00:09 answers for it, wanted here")
    }

    @Test("is cut nowhere when it goes to a file")
    func unlimited() throws {
        let text = try Self.lines(sampleStatus, widthMax: nil).joined(separator: "\n")
        #expect(text.contains("follows 192.168.11.124:6379"))
        #expect(!text.contains("…"))
    }

    @Test("no line is wider than the terminal", arguments: [20, 40, 60, 80, 120])
    func width(columns: Int) throws {
        let report = try NodeReport(json: Array(sampleStatus.utf8))
        let lines = StatusText(report: report, widthMax: columns).lines()
        #expect(lines.allSatisfy { $0.width <= columns })
    }

    @Test("says who holds the write address, and when nobody or two do")
    func holder() throws {
        let released = sampleStatus.replacing("\"held\"", with: "\"released\"")
        #expect(
            try Self.line("        write", of: released) == "        write address held by nobody")
        let taking = sampleStatus.replacing("\"held\"", with: "\"taking\"")
        #expect(
            try Self.line("        write", of: taking)
                == "        write address held by nobody, taking here")
        let two = sampleStatus.replacing(
            "\"configEpoch\":3,\"holdsAddress\":false",
            with: "\"configEpoch\":3,\"holdsAddress\":true")
        #expect(
            try Self.line("        write", of: two)
                == "        write address held by redis01 and redis02")
        let none = sampleStatus.replacing("\"held\"", with: "null")
        #expect(try Self.lines(none).contains("        no write address"))
    }

    @Test(
        "says when no majority agrees, when the primary is down, and when a failover is under way")
    func trouble() throws {
        let text = sampleStatus.replacing("\"isConfirmed\":true", with: "\"isConfirmed\":false")
            .replacing("\"isObjectivelyDown\":false", with: "\"isObjectivelyDown\":true")
            .replacing("\"none\"", with: "\"wait_promotion\"")
        let lines = try Self.lines(text, widthMax: nil)
        #expect(lines[2].hasSuffix(", objectively down"))
        #expect(lines[3] == "        not confirmed: no majority in contact agrees on it")
        #expect(lines[5] == "        failover: wait promotion, led here")
    }

    @Test("of a node that was never heard nothing is known")
    func neverHeard() throws {
        let text = sampleStatus.replacing(
            "\"silenceMilliseconds\":310", with: "\"silenceMilliseconds\":null")
        let line = try Self.lines(text).last { $0.hasPrefix("  redis02") }
        #expect(line == "  redis02  192.168.11.124:26379  never               unknown")
    }

    @Test("of a server that is gone, what it said last is not told")
    func gone() throws {
        let rest = ",\"isSubjectivelyDown\":false,\"silenceMilliseconds\":80"
        let text = sampleStatus.replacing(
            "\"isConnected\":true\(rest)", with: "\"isConnected\":false\(rest)")
        #expect(
            try Self.line("  redis03", of: text)
                == "  redis03  192.168.11.125:6379  replica  down    ?    0.0 s")
    }

    @Test("says that a node does not vote")
    func noVote() throws {
        let text = sampleStatus.replacing("\"mayVote\":true", with: "\"mayVote\":false")
        #expect(try Self.lines(text, widthMax: nil)[1].hasPrefix("This node does not vote"))
    }

    @Test(
        "ages and amounts are short",
        arguments: [
            (0, "0.0 s"), (59_999, "59.9 s"), (60_000, "1 min 0 s"), (3_599_999, "59 min 59 s"),
            (3_600_000, "1 h 0 min"), (90_061_000, "1 d 1 h"),
        ])
    func age(milliseconds: Int, text: String) {
        #expect(StatusText.age(milliseconds) == text)
    }

    @Test(
        "bytes are exact while few",
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (10 << 10, "10 KiB"),
            (1 << 20, "1.0 MiB"), (5 << 40, "5120 GiB"), (Int.max, "8589934592 GiB"),
        ])
    func bytes(count: Int, text: String) {
        #expect(StatusText.bytes(count) == text)
    }
}
