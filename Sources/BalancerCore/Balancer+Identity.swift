internal import MonotonicTime
internal import RESP

// AUTH, SELECT and HELLO move a client to another pool, on the word of a server alone.
//
// The very request is put to a connection of that pool, where it changes nothing, and the server's
// reply is the client's: no password is judged here, and one that was changed is noticed.
extension Balancer {
    mutating func auth(
        _ client: Int, _ words: [[UInt8]], _ now: Instant, _ effects: inout EffectBuffer
    ) -> Handling {
        var identity = pools[clients[client].pool].identity
        switch words.count {
        case 2: identity.credentials = Identity.Credentials(user: nil, password: words[1])
        case 3: identity.credentials = Identity.Credentials(user: words[1], password: words[2])
        case 0, 1: return answer(client, Refusal.arity("auth"), &effects)
        case _: return answer(client, Refusal.syntax, &effects)
        }
        return join(client, identity, .auth, now, &effects)
    }

    mutating func select(
        _ client: Int, _ words: [[UInt8]], _ now: Instant, _ effects: inout EffectBuffer
    ) -> Handling {
        guard words.count == 2 else { return answer(client, Refusal.arity("select"), &effects) }
        guard let index = Self.integer(words[1]) else {
            return answer(client, Refusal.badInteger, &effects)
        }
        guard (0...Int(Int32.max)).contains(index) else {
            return answer(client, Refusal.badIndex, &effects)
        }
        var identity = pools[clients[client].pool].identity
        identity.database = index
        return join(client, identity, .select, now, &effects)
    }

    /// `HELLO [VERSION [AUTH user password] [SETNAME name]]`
    mutating func hello(
        _ client: Int, _ words: [[UInt8]], _ now: Instant, _ effects: inout EffectBuffer
    ) -> Handling {
        var identity = pools[clients[client].pool].identity
        var persona = clients[client].persona
        if words.count > 1 {
            guard let version = Self.integer(words[1]) else {
                return answer(client, Refusal.badProtocol, &effects)
            }
            guard version == 2 || version == 3 else {
                return answer(client, Refusal.noProtocol, &effects)
            }
            identity.version = version
        }
        var index = 2
        while index < words.count {
            let option = words[index].map(Self.folded)
            if option.elementsEqual("auth".utf8), index + 2 < words.count {
                identity.credentials = Identity.Credentials(
                    user: words[index + 1], password: words[index + 2])
                index += 3
            } else if option.elementsEqual("setname".utf8), index + 1 < words.count {
                persona.name = words[index + 1]
                index += 2
            } else {
                // Never sent on: it might switch the protocol of a connection that others share.
                let shown = words[index].filter { (0x20...0x7E).contains($0) }.prefix(128)
                let text = String(decoding: shown, as: UTF8.self)
                return answer(
                    client, "-ERR Syntax error in HELLO option '\(text)'\r\n", &effects)
            }
        }
        guard persona.name.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return answer(client, Refusal.badName, &effects)
        }
        clients[client].persona = persona
        return join(client, identity, .hello, now, &effects)
    }

    /// As strict as Redis.
    private static func integer(_ bytes: [UInt8]) -> Int? {
        var value = 0
        guard !bytes.isEmpty, bytes.count <= 18 else { return nil }
        let isNegative = bytes[0] == UInt8(ascii: "-")
        let digits = bytes.dropFirst(isNegative ? 1 : 0)
        guard let first = digits.first, first != UInt8(ascii: "0") || bytes.count == 1 else {
            return nil
        }
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return isNegative ? -value : value
    }

    private mutating func join(
        _ client: Int, _ identity: Identity, _ step: Identity.Step, _ now: Instant,
        _ effects: inout EffectBuffer
    ) -> Handling {
        guard let pool = pool(of: identity, now, &effects) else {
            // No room for another pool: the request itself makes its own connection what it asks.
            return pin(client, .forever, now, &effects)
        }
        pools[pool].memberCount += 1
        clients[client].stage = .joining(pool: pool, step)
        tryJoin(client, pool, step, now, &effects)
        return .done
    }

    /// Puts the request to a connection of the pool, or waits for one.
    mutating func tryJoin(
        _ client: Int, _ pool: Int, _ step: Identity.Step, _ now: Instant,
        _ effects: inout EffectBuffer
    ) {
        let destination = destination(ofJoining: client, pool, now)
        switch choose(pool, destination, now, &effects) {
        case .link(let upstream):
            unhold(client)
            let request = pools[pool].identity.request(step)
            let byteCount = effects.compose(id(ofUpstream: upstream), request)
            expect(client, on: upstream, byteCount, .join, at: now)
        case .opening, .none:
            if hold(client, for: destination, now) {
                pools[pool].waiters.append(id(ofClient: client), for: destination)
            } else {
                unhold(client)
                leave(pool, at: now)
                clients[client].stage = .open
                effects.answer(id(ofClient: client), Refusal.unserved.utf8)
                effects.append(.wake(id(ofClient: client)))
            }
        }
    }

    /// Who judges a step: with `auto` whoever takes writes, as a client expects to be greeted by a
    /// primary; but it need not wait for that one.
    private func destination(ofJoining client: Int, _ pool: Int, _ now: Instant) -> Destination {
        switch clients[client].service {
        case .read: return .readers
        case .write: return .writer
        case .auto:
            let isInReach =
                pools[pool].link(to: Self.writer) >= 0 || mayConnect(Self.writer, now)
            return isInReach ? .writer : .readers
        }
    }

    /// The server's word has come and is delivered, if the client waits for one.
    mutating func joined(
        _ client: Int, isRefused: Bool, _ now: Instant, _ effects: inout EffectBuffer
    ) {
        guard case .joining(let pool, _) = clients[client].stage else { return }
        clients[client].stage = .open
        if isRefused {
            leave(pool, at: now)
        } else {
            leave(clients[client].pool, at: now)
            clients[client].pool = pool
            if pools[pool].identity.version == 2 { setTold(client, false) }
            if clients[client].parked >= 0 {
                // It is of the former identity.
                discard(clients[client].parked, &effects)
                clients[client].parked = -1
            }
        }
        effects.append(.wake(id(ofClient: client)))
    }

    mutating func move(_ client: Int, to pool: Int, at now: Instant) {
        pools[pool].memberCount += 1
        leave(clients[client].pool, at: now)
        clients[client].pool = pool
    }

    /// One that was a member, or waited to be, is not any more.
    mutating func leave(_ pool: Int, at now: Instant) {
        pools[pool].memberCount -= 1
        pools[pool].lastUsed = now
    }

    /// The pool of an identity, made if need be; `nil` when there is room for no more.
    private mutating func pool(
        of identity: Identity, _ now: Instant, _ effects: inout EffectBuffer
    ) -> Int? {
        for pool in pools.slots
        where pools.isTaken(pool) && pools[pool].identity == identity { return pool }
        if pools.count >= settings.poolCountMax, !evictPool(&effects) { return nil }
        return pools.insert(Pool(identity: identity, lastUsed: now))
    }

    /// Closes the pool that has been without clients for longest; `false` when none is.
    mutating func evictPool(unusedSince: Instant? = nil, _ effects: inout EffectBuffer) -> Bool {
        var oldest: Int?
        for pool in pools.slots
        where pool != Self.basePool && pools.isTaken(pool) && pools[pool].memberCount == 0 {
            if let unusedSince, pools[pool].lastUsed > unusedSince { continue }
            guard !hasUpstreamInUse(pool) else { continue }
            if oldest == nil || pools[pool].lastUsed < pools[oldest ?? pool].lastUsed {
                oldest = pool
            }
        }
        guard let oldest else { return false }
        for server in pools[oldest].links.indices where pools[oldest].links[server] >= 0 {
            discard(pools[oldest].links[server], &effects)
        }
        pools.remove(oldest)
        return true
    }

    /// Whether a connection beside those that new requests go to still refers to the pool.
    private func hasUpstreamInUse(_ pool: Int) -> Bool {
        upstreams.slots.contains { upstream in
            upstreams.isTaken(upstream) && upstreams[upstream].pool == pool
                && pools[pool].link(to: upstreams[upstream].server) != upstream
        }
    }
}
