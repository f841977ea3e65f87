import MonotonicTime
import SentinelCore
import Stage
import Testing

@Suite("Transition")
struct TransitionTests {
    /// Failovers that go in every way that there is.
    private static let stories: [(name: String, play: @Sendable (Stage) -> Void)] = [
        (
            "killed primary",
            { stage in
                stage.kill(server: 1)
                stage.run(.seconds(3))
            }
        ),
        (
            "by order",
            { stage in
                stage.orderFailover(on: 1)
                stage.run(.seconds(3))
            }
        ),
        (
            "by order, without a majority",
            { stage in
                stage.isolate(host: 2)
                stage.orderFailover(on: 2)
                stage.run(.seconds(3))
            }
        ),
        (
            "the votes get lost",
            { stage in
                stage.losesReply = { _, reply in
                    guard case .answer(let answer) = reply else { return false }
                    return answer.kind == .vote
                }
                stage.kill(server: 1)
                stage.run(.seconds(3))
            }
        ),
        (
            "no fit replica",
            { stage in
                stage.hosts[1].server?.priority = 0
                stage.hosts[2].server?.priority = 0
                stage.run(.seconds(2))
                stage.kill(server: 1)
                stage.run(.seconds(3))
            }
        ),
        (
            "a replica that refuses",
            { stage in
                stage.hosts[1].server?.orderError = "NOPERM"
                stage.kill(server: 1)
                stage.run(.seconds(4))
            }
        ),
    ]

    private static let recorded: [Transition.Move] = stories.flatMap { story in
        let stage = Stage()
        stage.settle()
        story.play(stage)
        return stage.moves
    }

    @Test("every row of the table is made by some failover", arguments: Transition.table)
    func rows(row: Transition) {
        #expect(
            Self.recorded.contains { $0.from.rawValue == row.from && $0.to.rawValue == row.to },
            "\(row.from) to \(row.to)")
    }

    @Test("every state is reached", arguments: Failover.Phase.allCases)
    func phases(phase: Failover.Phase) {
        #expect(Self.recorded.contains { $0.to == phase })
    }

    @Test("no failover makes a move that is not in the table")
    func onlyRows() {
        for move in Self.recorded {
            #expect(
                Transition.table.contains {
                    $0.from == move.from.rawValue && $0.to == move.to.rawValue
                })
        }
    }

    @Test("each row has a sentence of its own, and is there once")
    func sentences() {
        let table = Transition.table
        #expect(Set(table.map(\.sentence)).count == table.count)
        #expect(Set(table.map { "\($0.from) \($0.to)" }).count == table.count)
        #expect(table.allSatisfy { $0.sentence.hasSuffix(".") || $0.sentence.hasSuffix("?") })
    }
}
