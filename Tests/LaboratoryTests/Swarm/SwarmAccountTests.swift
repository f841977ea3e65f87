import Testing

@testable import Laboratory

@Suite("What a client of the swarm knows")
struct SwarmAccountTests {
    private func account(acknowledged: Int = 0) -> SwarmAccount {
        var account = SwarmAccount(keyPrefix: "s:", number: 4)
        for count in 0..<acknowledged {
            account.beginIncrement()
            account.endIncrement(.acknowledged)
            _ = account.take(counter: account.base + count + 1)
        }
        return account
    }

    @Test("a counter that goes up by one each time is in order")
    func order() {
        let account = account(acknowledged: 3)
        #expect(account.excessSeen == 0)
        #expect(account.countMax == 3)
    }

    @Test("a counter that goes up by two for one request shows that something ran twice")
    func twice() {
        var account = account(acknowledged: 3)
        _ = account.take(counter: account.base + 5)
        #expect(account.excessSeen == 1)
    }

    @Test("an INCR that may have run accounts for one step, and no more")
    func unsure() {
        var account = account(acknowledged: 3)
        account.beginIncrement()
        account.endIncrement(.unsure)
        _ = account.take(counter: account.base + 5)
        #expect(account.excessSeen == 0)
        _ = account.take(counter: account.base + 7)
        #expect(account.excessSeen == 1)
    }

    @Test("a counter that went back, as after a lost primary, does not hide what runs twice next")
    func wentBack() {
        var account = account(acknowledged: 9)
        _ = account.take(counter: account.base + 5)
        #expect(account.excessSeen == 0)
        _ = account.take(counter: account.base + 7)
        #expect(account.excessSeen == 1)
    }

    @Test("a value of another client's counter is never this one's")
    func foreign() {
        var account = account(acknowledged: 3)
        let other = SwarmAccount(keyPrefix: "s:", number: 5)
        let isOwn = account.take(counter: other.base)
        #expect(!isOwn)
        #expect(!account.judge(read: other.base + 1).isOwn)
    }

    @Test("a read may be behind, but not ahead of what was asked for")
    func reads() {
        let account = account(acknowledged: 3)
        #expect(account.judge(read: account.base + 3) == (isOwn: true, isStale: false))
        #expect(account.judge(read: account.base + 1) == (isOwn: true, isStale: true))
        #expect(!account.judge(read: account.base + 4).isOwn)
    }
}
