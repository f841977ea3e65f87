internal import MonotonicTime

// A client that does not take its replies must not hold up those who share its connection.
extension Balancer {
    /// Reads no more from a server whose next reply is for a client that is full; a connection that
    /// is shared serves those who wait on it already, and others get a fresh one.
    mutating func pauseIfHeldUp(_ upstream: Int, _ effects: inout EffectBuffer) {
        guard !upstreams[upstream].isPaused, let client = receiver(upstream),
            clients[client].isFull
        else { return }
        upstreams[upstream].isPaused = true
        effects.append(.pauseUpstream(id(ofUpstream: upstream)))
        guard upstreams[upstream].isShared, upstreams[upstream].isOpen else { return }
        retire(upstream)
    }

    /// The client that the next bytes of a connection are for.
    private func receiver(_ upstream: Int) -> Int? {
        switch upstreams[upstream].ownership {
        case .client(let owner, _):
            return living(owner)
        case .pool:
            guard !upstreams[upstream].ring.isEmpty else { return nil }
            return living(upstreams[upstream].ring[0].client)
        }
    }

    /// Reads on from the server that a client held up.
    mutating func unpause(of client: Int, _ effects: inout EffectBuffer) {
        let upstream = clients[client].upstream
        guard upstream >= 0, upstreams.isTaken(upstream), upstreams[upstream].isPaused,
            receiver(upstream) == client
        else { return }
        upstreams[upstream].isPaused = false
        effects.append(.resumeUpstream(id(ofUpstream: upstream)))
    }

    /// No more requests go to the connection; it is closed when those on it are answered.
    mutating func retire(_ upstream: Int) {
        let pool = upstreams[upstream].pool
        let server = upstreams[upstream].server
        if pools[pool].link(to: server) == upstream { pools[pool].setLink(to: server, -1) }
        upstreams[upstream].phase = .retiring
    }
}
