internal import MonotonicTime
internal import RESP

// What a client that asked for it is told about the servers behind the balancer
// (`CLIENT MAINT_NOTIFICATIONS`, as Redis's own cloud speaks it and current clients understand it):
// a client with a short time-out then waits for a held request instead of giving it up, and asking
// again what is still to run.
extension Balancer {
    /// `CLIENT MAINT_NOTIFICATIONS ON|OFF [option value …]`. Which kind of address a client wants
    /// to be moved to (`moving-endpoint-type`) is of no account: it comes back to the one that it
    /// knows, which is then another balancer's. So it is told of none, whatever it asked for; to
    /// refuse the other kinds would keep those from being told at all who name one unasked.
    mutating func setNotices(
        _ client: Int, _ words: [[UInt8]], _ effects: inout EffectBuffer
    ) -> Handling {
        guard words.count >= 3, words.count % 2 == 1 else {
            return answer(client, Refusal.arity("client|maint_notifications"), &effects)
        }
        let word = words[2].map(Self.folded)
        let isOn = word.elementsEqual("on".utf8)
        guard isOn || word.elementsEqual("off".utf8) else {
            return answer(client, Refusal.syntax, &effects)
        }
        // A push has no form in the older protocol.
        guard pools[clients[client].pool].identity.version == 3 else {
            return answer(client, Refusal.noPush, &effects)
        }
        setTold(client, isOn)
        return answer(client, "+OK\r\n", &effects)
    }

    mutating func setTold(_ client: Int, _ isTold: Bool) {
        guard clients[client].isTold != isTold else { return }
        clients[client].isTold = isTold
        toldCount += isTold ? 1 : -1
    }

    /// Whoever takes writes is lost, or about to change.
    mutating func failoverBegins(_ effects: inout EffectBuffer) {
        guard failoverNumber == nil else { return }
        noticeNumber += 1
        failoverNumber = noticeNumber
        let seconds = settings.writePatience.nanoseconds / 1_000_000_000
        tell(">3\r\n$12\r\nFAILING_OVER\r\n:\(noticeNumber)\r\n:\(seconds)\r\n", &effects)
    }

    /// There is somebody to take writes again.
    mutating func failoverEnds(_ effects: inout EffectBuffer) {
        guard let number = failoverNumber else { return }
        failoverNumber = nil
        tell(">2\r\n$11\r\nFAILED_OVER\r\n:\(number)\r\n", &effects)
    }

    /// Those who hear of writes at all.
    private func tell(_ push: String, _ effects: inout EffectBuffer) {
        guard toldCount > 0 else { return }
        for client in clients.slots
        where clients.isTaken(client) && clients[client].isTold
            && clients[client].service != .read && mayPush(client)
        {
            effects.answer(id(ofClient: client), push.utf8)
        }
    }

    /// Between two replies.
    func mayPush(_ client: Int) -> Bool {
        switch clients[client].stage {
        case .ending, .closed: return false
        case .open, .settling, .throttled, .waiting, .joining, .pinning, .pinned, .voided: break
        }
        let upstream = clients[client].upstream
        guard upstream >= 0, upstreams.isTaken(upstream) else { return true }
        switch upstreams[upstream].ownership {
        // What passes unread may be in the middle of anything.
        case .client(_, .raw): return false
        case .client(_, .framed): return upstreams[upstream].framer.isIntact
        case .pool:
            guard !upstreams[upstream].framer.isIntact, !upstreams[upstream].ring.isEmpty else {
                return true
            }
            return upstreams[upstream].ring[0].client != id(ofClient: client)
        }
    }
}
