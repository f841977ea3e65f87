internal import MonotonicTime
internal import RESP

// Requests that do not simply go to a server: what they change is the client, not a connection.
extension Balancer {
    mutating func handleSpecial(
        _ client: Int, _ class: CommandClass, _ unread: RawSpan, _ request: Range<Int>,
        _ now: Instant, _ effects: inout EffectBuffer
    ) -> Handling {
        // The answer comes from here, or another connection: not before what was asked earlier.
        guard clients[client].awaitedCount == 0 else { return stay(client, .settling) }
        switch `class` {
        case .unknown:
            return handleUnknown(client, now, &effects)
        case .container, .blocking, .wait, .rescue, .multi, .transactionEnd, .watch, .unwatch,
            .exclusive,
            .clientID:
            return pinOrVoid(client, `class`, now, &effects)
        case .auth, .hello, .select, .reset, .quit, .clientGetName, .clientSetName,
            .clientSetInfo, .clientMaintenance, .cluster, .denied, .http:
            let words = words(of: unread, request)
            return handleWords(client, `class`, words, now, &effects)
        case .read, .portrait, .write, .other, .cursor:
            preconditionFailure("plain requests are forwarded")
        }
    }

    /// A command that no server has told of. Before any has, the first connection of the pool is
    /// waited for: it asks.
    private mutating func handleUnknown(
        _ client: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) -> Handling {
        if !table.isLearnt {
            let destination = ownDestination(client)
            switch choose(clients[client].pool, destination, now, &effects) {
            case .opening, .none: return wait(client, for: destination, now, &effects)
            case .link: break  // It was told nothing: nobody has shown a password yet.
            }
        }
        return pin(client, .answers, now, &effects)
    }

    /// The arguments as values: for the few commands of which they matter.
    func words(of unread: RawSpan, _ request: Range<Int>) -> [[UInt8]] {
        var scanner = RequestScanner(limits: settings.requests)
        guard
            case .value(let words, _)? = try? scanner.scan(unread.extracting(request))
        else { return [[]] }
        return words
    }

    /// A request typed as a line: sent on as an array, of which the bytes are the core's. Lines
    /// may come by the thousand too: `redis-cli --pipe` and netcat send them so.
    mutating func handleLine(
        _ client: Int, _ unread: RawSpan, _ frame: RequestFrame, _ class: CommandClass,
        _ offset: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) -> Handling {
        let request = offset..<offset + frame.byteCount
        switch `class` {
        case .auth, .hello, .select, .reset, .quit, .clientGetName, .clientSetName,
            .clientSetInfo, .clientMaintenance, .cluster, .denied, .http, .unknown, .container,
            .blocking, .wait, .rescue, .multi, .transactionEnd, .watch, .unwatch, .exclusive,
            .clientID:
            return handleSpecial(client, `class`, unread, request, now, &effects)
        case .read, .portrait, .write, .other, .cursor:
            let errand = errand(of: `class`)
            let handling = plain(client, errand, destination(of: `class`, client), now, &effects)
            guard case .forward(let upstream, _) = handling else { return handling }
            let words = words(of: unread, request)
            let byteCount = effects.compose(id(ofUpstream: upstream), words)
            expect(client, on: upstream, byteCount, errand, at: now)
            return .done
        }
    }

    private mutating func handleWords(
        _ client: Int, _ class: CommandClass, _ words: [[UInt8]], _ now: Instant,
        _ effects: inout EffectBuffer
    ) -> Handling {
        switch `class` {
        case .auth: return auth(client, words, now, &effects)
        case .hello: return hello(client, words, now, &effects)
        case .select: return select(client, words, now, &effects)
        case .reset:
            reset(client, now)
            return answer(client, "+RESET\r\n", &effects)
        case .quit:
            end(client, .ok, at: now, &effects)
            return .done
        case .clientGetName, .clientSetName, .clientSetInfo:
            return introduce(client, `class`, words, &effects)
        case .clientMaintenance: return setNotices(client, words, &effects)
        case .cluster: return answer(client, Refusal.noCluster, &effects)
        case .denied: return answer(client, Refusal.denied, &effects)
        case .http:
            close(client, at: now, &effects)
            return .done
        case .read, .portrait, .write, .other, .cursor, .container, .blocking, .wait, .rescue,
            .unknown,
            .multi,
            .transactionEnd, .watch, .unwatch, .exclusive, .clientID:
            preconditionFailure("decided before")
        }
    }

    /// `RESET`: as it was when it came.
    mutating func reset(_ client: Int, _ now: Instant) {
        move(client, to: Self.basePool, at: now)
        clients[client].persona = Persona()
        clients[client].isWatchVoid = false
        setTold(client, false)
        clients[client].stage = .open
    }

    /// A connection of its own, unless what it watched was lost with the former one: it is then
    /// told what a server would tell if a watched key had changed.
    private mutating func pinOrVoid(
        _ client: Int, _ class: CommandClass, _ now: Instant, _ effects: inout EffectBuffer
    ) -> Handling {
        guard clients[client].isWatchVoid else {
            let hold: Client.Hold =
                `class` == .multi ? .transaction : `class` == .rescue ? .rescue : .answers
            let handling = pin(client, hold, now, &effects)
            // It counts what is written on its connection, as of the command before: one that has
            // just opened was greeted by one.
            if `class` == .wait, case .elsewhere = handling {
                let upstream = clients[client].upstream
                say([Array("PING".utf8)], .courtesy, on: upstream, now, &effects)
            }
            return handling
        }
        switch `class` {
        case .multi: clients[client].stage = .voided(.watch)
        case .unwatch: clients[client].isWatchVoid = false
        case .watch: break
        case .read, .portrait, .write, .other, .cursor, .container, .blocking, .wait, .rescue,
            .unknown,
            .transactionEnd, .exclusive, .auth, .hello, .select, .reset, .quit, .clientID,
            .clientGetName, .clientSetName, .clientSetInfo, .clientMaintenance, .cluster, .denied,
            .http:
            return pin(client, .answers, now, &effects)
        }
        return answer(client, "+OK\r\n", &effects)
    }

    mutating func answer(
        _ client: Int, _ text: String, _ effects: inout EffectBuffer
    ) -> Handling {
        effects.answer(id(ofClient: client), text.utf8)
        return .done
    }

    /// `CLIENT GETNAME`, `SETNAME`, `SETINFO`.
    private mutating func introduce(
        _ client: Int, _ class: CommandClass, _ words: [[UInt8]], _ effects: inout EffectBuffer
    ) -> Handling {
        if `class` == .clientGetName {
            let name = clients[client].persona.name
            let isRESP3 = pools[clients[client].pool].identity.version == 3
            var bytes: [UInt8] = []
            RESPEncoder(version: isRESP3 ? .resp3 : .resp2).append(
                name.isEmpty ? .null : .bulkString(name), to: &bytes)
            effects.answer(id(ofClient: client), bytes)
            return .done
        }
        let isName = `class` == .clientSetName
        guard words.count == (isName ? 3 : 4) else {
            return answer(
                client, Refusal.arity(isName ? "client|setname" : "client|setinfo"), &effects)
        }
        let value = words[words.count - 1]
        guard value.allSatisfy({ (0x21...0x7E).contains($0) }), value.count <= 256 else {
            return answer(client, isName ? Refusal.badName : Refusal.badInfo, &effects)
        }
        let option = isName ? [] : words[2].map(Self.folded)
        let isVersion = option.elementsEqual("lib-ver".utf8)
        guard isName || isVersion || option.elementsEqual("lib-name".utf8) else {
            let shown = words[2].filter { (0x20...0x7E).contains($0) }.prefix(128)
            let text = String(decoding: shown, as: UTF8.self)
            return answer(client, "-ERR Unrecognized option '\(text)'\r\n", &effects)
        }
        if clients[client].parked >= 0 {
            // It was told otherwise: the next is told anew.
            discard(clients[client].parked, &effects)
            clients[client].parked = -1
        }
        if isName {
            clients[client].persona.name = value
        } else if isVersion {
            clients[client].persona.libraryVersion = value
        } else {
            clients[client].persona.library = value
        }
        return answer(client, "+OK\r\n", &effects)
    }

    static func folded(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }
}
