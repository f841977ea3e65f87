import Testing

@testable import Laboratory

@Suite("The audit of a swarm")
struct SwarmAuditTests {
    /// Three members: acknowledged, unsure, refused; two INCRs acknowledged, one unsure.
    private func account() -> SwarmAccount {
        var account = SwarmAccount(keyPrefix: "s:", number: 0)
        account.members = [.acknowledged, .unsure, .refused]
        for outcome in [SwarmAccount.Outcome.acknowledged, .acknowledged, .unsure] {
            account.beginIncrement()
            account.endIncrement(outcome)
        }
        return account
    }

    private func audit(counter: Int, members: [Int]) -> SwarmAudit {
        let account = account()
        var audit = SwarmAudit()
        audit.add(account, counter: counter, members: members.map { account.member($0) })
        return audit
    }

    @Test("whatever may have run may be there or not", arguments: [2, 3], [[0], [1, 0]])
    func clean(counter: Int, members: [Int]) {
        let audit = audit(counter: counter, members: members)
        #expect(audit.executedTwice == 0 && audit.lost == 0 && audit.ranThoughRefused == 0)
        #expect(audit.unsureThatRan == members.count - 1)
        #expect(audit.remarks.isEmpty)
    }

    @Test("a member that stands twice ran twice")
    func memberTwice() {
        #expect(audit(counter: 2, members: [0, 0]).executedTwice == 1)
        #expect(audit(counter: 2, members: [0, 1, 1, 1]).executedTwice == 2)
    }

    @Test("a counter beyond what was acknowledged or unsure ran twice")
    func counterTwice() {
        #expect(audit(counter: 5, members: [0]).executedTwice == 2)
    }

    @Test("a member that nobody has pushed is counted as too many")
    func stranger() {
        #expect(audit(counter: 2, members: [0, 77]).executedTwice == 1)
    }

    @Test("what was refused and yet ran is found")
    func ghost() {
        let audit = audit(counter: 2, members: [0, 2])
        #expect(audit.ranThoughRefused == 1)
        #expect(audit.executedTwice == 0)
        #expect(audit.remarks.count == 1)
    }

    @Test("what was acknowledged and is not there is lost")
    func lost() {
        #expect(audit(counter: 1, members: []).lost == 2)
    }
}
