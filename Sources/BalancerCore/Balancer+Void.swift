internal import MonotonicTime
internal import RESP

// A client's own connection is lost, and with it what the server knew of the client. Where the
// protocol has a word for that the client stays: a transaction that can't be executed any more is
// one that failed, as any may.
extension Balancer {
    /// Answers what was asked on it, and goes on without it where that is possible.
    mutating func void(
        _ client: Int, _ upstream: Int, _ sentByteCount: Int, _ now: Instant,
        _ effects: inout EffectBuffer
    ) {
        guard case .pinned(let hold) = clients[client].stage, hold != .forever,
            clients[client].framer.isIntact,
            upstreams[upstream].framer.isIntact || upstreams[upstream].ring.isEmpty
        else {
            // It has subscribed to something, or a part of a request or a reply is on its way.
            return close(client, at: now, &effects)
        }
        var end = 0
        for index in 0..<upstreams[upstream].ring.count {
            let request = upstreams[upstream].ring[index]
            end += Int(request.byteCount)
            guard request.client != .nobody else { continue }
            effects.answer(
                id(ofClient: client), Self.lastWord(request.errand, end <= sentByteCount).utf8)
        }
        discard(upstream, &effects)
        clients[client].upstream = -1
        clients[client].awaitedCount = 0
        clients[client].isNumbered = false
        switch hold {
        case .answers, .rescue, .forever:
            clients[client].stage = .open
        case .watch:
            clients[client].isWatchVoid = true
            clients[client].stage = .open
        case .transaction:
            clients[client].stage = .voided(.transaction)
        }
        effects.append(.wake(id(ofClient: client)))
    }

    private static func lastWord(_ errand: Errand, _ wasSent: Bool) -> String {
        switch errand {
        // The transaction that it begins fails, whatever was heard of this.
        case .multi: "+OK\r\n"
        case .queued, .unserved, .greeting, .courtesy, .probe, .identify, .lesson:
            Refusal.unserved
        case .read, .other, .join, .unsure: wasSent ? Refusal.unsure : Refusal.unserved
        }
    }

    /// Answers requests of a transaction that no server knows, until it ends or more bytes are
    /// needed; where the first is that it does not read. A loop, as ``read`` is one: a client may
    /// send thousands of transactions at once.
    mutating func readVoided(
        _ client: Int, _ unread: RawSpan, from start: Int, at now: Instant,
        _ effects: inout EffectBuffer
    ) -> Int {
        var offset = start
        while offset < unread.byteCount, case .voided(let void) = clients[client].stage {
            let framed: FramedRequest
            do throws(RESPError) {
                framed = try clients[client].framer.next(
                    in: unread, at: offset, limits: settings.requests)
            } catch {
                end(client, .error(error), at: now, &effects)
                return offset
            }
            switch framed {
            case .whole(let frame):
                answerVoided(client, void, unread, frame, offset, now, &effects)
                offset += frame.byteCount
            case .empty(let byteCount):
                offset += byteCount
            case .partial(let missing, _):
                if unread.byteCount - offset + missing > settings.requestByteCountMax {
                    // It would have to be read to its end to be answered.
                    end(client, .nothing, at: now, &effects)
                }
                return offset
            }
        }
        return offset
    }

    private mutating func answerVoided(
        _ client: Int, _ void: Client.Void, _ unread: RawSpan, _ frame: RequestFrame,
        _ offset: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) {
        let text: String
        switch classOf(unread, frame, offset) {
        case .transactionEnd:
            clients[client].stage = .open
            clients[client].isWatchVoid = false
            let first = unread.octet(at: frame.name.lowerBound + offset)
            let isExec = Self.folded(first) == UInt8(ascii: "e")
            text = isExec ? failure(of: void, client) : "+OK\r\n"
        case .multi where void == .unbegun:
            clients[client].stage = .voided(.transaction)
            text = "+OK\r\n"
        case .multi: text = Refusal.nested
        case .watch: text = Refusal.watchInside
        case .quit: return end(client, .ok, at: now, &effects)
        case .http: return close(client, at: now, &effects)
        case .reset:
            reset(client, now)
            text = "+RESET\r\n"
        case .read, .portrait, .write, .other, .cursor, .container, .blocking, .wait, .rescue,
            .unknown, .unwatch, .exclusive, .auth, .hello, .select, .clientID, .clientGetName,
            .clientSetName,
            .clientSetInfo, .clientMaintenance, .cluster, .denied:
            switch void {
            case .watch: text = "+QUEUED\r\n"
            case .transaction, .unbegun: text = Refusal.unserved
            }
        }
        effects.answer(id(ofClient: client), text.utf8)
    }

    private func failure(of void: Client.Void, _ client: Int) -> String {
        switch void {
        case .watch:
            pools[clients[client].pool].identity.version == 3 ? "_\r\n" : "*-1\r\n"
        case .transaction, .unbegun: Refusal.aborted
        }
    }
}
