import CLinux
import Glibc
import MonotonicTime
import RESP

/// One client of a ``Swarm``: connects, sends a few requests, waits for their replies, and again.
struct SwarmClient: Sendable {
    private enum Phase {
        /// No connection; one is made then.
        case away(until: Instant)
        /// `since`: one that hangs is given up.
        case connecting(Int32, since: Instant)
        case connected(Int32)
    }

    private enum Deed {
        /// AUTH, or the counter's beginning.
        case greeting
        case increment
        case push(Int)
        case read
    }

    private struct Request {
        let deed: Deed
        let sent: Instant
    }

    private let settings: Swarm.Settings
    private let depth: Int
    private(set) var account: SwarmAccount
    private var phase = Phase.away(until: Instant(nanoseconds: 0))
    private var scanner = ReplyScanner()
    private var unread: [UInt8] = []
    private var unsent: [UInt8] = []
    private var underWay: [Request] = []
    private var nextBatch = Instant(nanoseconds: 0)
    private var turn: Int
    private var hasBegun = false
    /// When the youngest request was sent that was a point of the work and was done.
    private(set) var servedSince: Instant?

    private static let reconnectPause = Interval.milliseconds(20)
    private static let connectLimit = Interval.seconds(1)

    init(number: Int, settings: Swarm.Settings) {
        self.settings = settings
        depth = settings.depths[number % settings.depths.count]
        account = SwarmAccount(keyPrefix: settings.keyPrefix, number: number)
        // Not all clients push at the same time.
        turn = number
        if case .reads = settings.work { hasBegun = true }
    }

    /// Whether nothing is under way.
    var isIdle: Bool { underWay.isEmpty && unsent.isEmpty }

    /// What poll(2) is to wait for.
    var interest: pollfd {
        switch phase {
        case .away: pollfd(fd: -1, events: 0, revents: 0)
        case .connecting(let descriptor, since: _):
            pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        case .connected(let descriptor):
            pollfd(
                fd: descriptor, events: Int16(unsent.isEmpty ? POLLIN : POLLIN | POLLOUT),
                revents: 0)
        }
    }

    /// Does what is due.
    mutating func advance(_ now: Instant, isFinishing: Bool, _ tally: inout SwarmTally) {
        switch phase {
        case .away(let moment):
            if !isFinishing, now >= moment { connect(now, &tally) }
        case .connecting(_, let begin):
            if now - begin > Self.connectLimit {
                tally.refusals += 1
                disconnect(now, &tally)
            }
        case .connected:
            guard !isFinishing, isIdle, now >= nextBatch else { return }
            compose(now)
            send(now, &tally)
        }
    }

    /// Something has come, or can go, or has ended.
    mutating func wake(_ now: Instant, _ tally: inout SwarmTally) {
        switch phase {
        case .away: return
        case .connecting(let descriptor, since: _):
            var errorNumber: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &errorNumber, &length)
            guard errorNumber == 0 else {
                tally.refusals += 1
                disconnect(now, &tally)
                return
            }
            greet(descriptor, now)
            send(now, &tally)
        case .connected:
            if !unsent.isEmpty { send(now, &tally) }
            receive(now, &tally)
        }
    }

    /// Closes the connection; whatever is under way stays unanswered.
    mutating func leave(_ tally: inout SwarmTally) {
        abandon(&tally)
        switch phase {
        case .away: return
        case .connecting(let descriptor, since: _), .connected(let descriptor):
            close(descriptor)
        }
        phase = .away(until: Instant(nanoseconds: .max))
    }
}

extension SwarmClient {
    private mutating func connect(_ now: Instant, _ tally: inout SwarmTally) {
        let address = SocketAddress(settings.target)
        let descriptor = socket(address.family, clinuxStreamNonBlocking, 0)
        guard descriptor >= 0 else {
            phase = .away(until: now + Self.reconnectPause)
            tally.refusals += 1
            return
        }
        var on: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), clinuxNoDelay, &on,
            socklen_t(MemoryLayout<Int32>.size))
        phase = .connecting(descriptor, since: now)
        if address.with({ Glibc.connect(descriptor, $0, $1) }) != 0, errno != EINPROGRESS {
            tally.refusals += 1
            disconnect(now, &tally)
        }
    }

    private mutating func greet(_ descriptor: Int32, _ now: Instant) {
        phase = .connected(descriptor)
        scanner = ReplyScanner()
        unread = []
        if let password = settings.password { add(["AUTH", password], .greeting, now) }
        // Again on the next connection, should the reply not come.
        if !hasBegun { add(["SET", account.counterKey, "\(account.base)"], .greeting, now) }
    }

    private mutating func add(_ words: [String], _ deed: Deed, _ now: Instant) {
        RESPEncoder.appendRequest(words, to: &unsent)
        underWay.append(Request(deed: deed, sent: now))
    }

    /// The next requests, as many as this client has under way at once.
    private mutating func compose(_ now: Instant) {
        guard hasBegun else {
            add(["SET", account.counterKey, "\(account.base)"], .greeting, now)
            return
        }
        for _ in 0..<depth {
            turn += 1
            switch settings.work {
            case .reads(let key, value: _): add(["GET", key], .read, now)
            case .writes: turn.isMultiple(of: 2) ? increment(now) : push(now)
            case .writesAndReads:
                switch turn % 4 {
                case 0: increment(now)
                case 2: push(now)
                case _: add(["GET", account.counterKey], .read, now)
                }
            }
        }
    }

    private mutating func increment(_ now: Instant) {
        account.beginIncrement()
        add(["INCR", account.counterKey], .increment, now)
    }

    private mutating func push(_ now: Instant) {
        let number = account.members.count
        account.members.append(.underWay)
        let command = number.isMultiple(of: 2) ? "LPUSH" : "RPUSH"
        add([command, account.listKey, account.member(number)], .push(number), now)
    }

    private mutating func send(_ now: Instant, _ tally: inout SwarmTally) {
        guard case .connected(let descriptor) = phase, !unsent.isEmpty else { return }
        let count = unsent.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, clinuxMessageNoSignal)
        }
        if count >= 0 {
            unsent.removeFirst(count)
        } else if errno != EAGAIN, errno != EINTR {
            lose(now, &tally)
        }
    }

    private mutating func receive(_ now: Instant, _ tally: inout SwarmTally) {
        guard case .connected(let descriptor) = phase else { return }
        var chunk = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        if count > 0 {
            unread += chunk[..<count]
            do throws(RESPError) {
                while let reply = try nextReply() { settle(reply, now, &tally) }
            } catch {
                tally.noteForeign("\(error)")
                lose(now, &tally)
            }
        } else if count == 0 || errno != EAGAIN && errno != EINTR {
            lose(now, &tally)
        }
    }

    private mutating func nextReply() throws(RESPError) -> RESPValue? {
        let bytes = unread
        switch try scanner.scan(bytes.span.bytes) {
        case .value(let reply, let consumed):
            unread.removeFirst(consumed)
            return reply
        case .needsMore(let consumed):
            unread.removeFirst(consumed)
            return nil
        }
    }

    /// The connection has ended unasked.
    private mutating func lose(_ now: Instant, _ tally: inout SwarmTally) {
        tally.disconnections += 1
        disconnect(now, &tally)
    }

    private mutating func disconnect(_ now: Instant, _ tally: inout SwarmTally) {
        leave(&tally)
        phase = .away(until: now + Self.reconnectPause)
    }

    /// Nobody will answer what is under way.
    private mutating func abandon(_ tally: inout SwarmTally) {
        for request in underWay {
            tally.unanswered += 1
            switch request.deed {
            case .greeting, .read: break
            case .increment: account.endIncrement(.unsure)
            case .push(let number): account.members[number] = .unsure
            }
        }
        underWay = []
        unsent = []
    }
}

extension SwarmClient {
    private mutating func settle(
        _ reply: RESPValue, _ now: Instant, _ tally: inout SwarmTally
    ) {
        guard !underWay.isEmpty else {
            tally.noteForeign("nobody asked for \(reply)")
            return
        }
        let request = underWay.removeFirst()
        if underWay.isEmpty { nextBatch = now + settings.pause }
        if let bytes = reply.errorBytes {
            fail(request, String(decoding: bytes, as: UTF8.self), now, &tally)
            return
        }
        let isRight =
            switch request.deed {
            case .greeting: takeGreeting(reply)
            case .increment: takeIncrement(reply)
            case .push(let number): takePush(reply, number)
            case .read: takeRead(reply, &tally)
            }
        if isRight {
            let isPoint = isPoint(request.deed)
            if isPoint { servedSince = request.sent }
            tally.noteAcknowledged(sent: request.sent, now, isPoint: isPoint)
        } else {
            tally.noteForeign("\(request.deed) of \(account.counterKey) was answered \(reply)")
        }
    }

    /// Whether this is what the swarm is watched for: where there are writes, reads are not, since
    /// they may go on while no write can.
    private func isPoint(_ deed: Deed) -> Bool {
        switch (deed, settings.work) {
        case (.increment, _), (.push, _), (.read, .reads): true
        case (.greeting, _), (.read, .writes), (.read, .writesAndReads): false
        }
    }

    private mutating func fail(
        _ request: Request, _ text: String, _ now: Instant, _ tally: inout SwarmTally
    ) {
        var isRead = false
        if case .read = request.deed { isRead = true }
        let failure = SwarmTally.Failure(
            text: text, isRead: isRead, sent: request.sent, answered: now)
        tally.note(failure)
        let outcome = failure.isUnsure ? SwarmAccount.Outcome.unsure : .refused
        switch request.deed {
        case .greeting, .read: break
        case .increment: account.endIncrement(outcome)
        case .push(let number): account.members[number] = outcome
        }
    }

    private mutating func takeGreeting(_ reply: RESPValue) -> Bool {
        // Of the two, SET comes last.
        if underWay.isEmpty { hasBegun = true }
        return reply == .simple("OK")
    }

    private mutating func takeIncrement(_ reply: RESPValue) -> Bool {
        account.endIncrement(.acknowledged)
        guard case .integer(let value) = reply else { return false }
        return account.take(counter: value)
    }

    private mutating func takePush(_ reply: RESPValue, _ number: Int) -> Bool {
        account.members[number] = .acknowledged
        guard case .integer(let length) = reply else { return false }
        return (1...account.members.count).contains(length)
    }

    private mutating func takeRead(_ reply: RESPValue, _ tally: inout SwarmTally) -> Bool {
        if case .reads(key: _, let value) = settings.work { return reply.string == value }
        // A replica may not have heard of the counter yet.
        guard let value = reply.number else {
            tally.staleReads += 1
            return reply.isNull
        }
        let (isOwn, isStale) = account.judge(read: value)
        if isStale { tally.staleReads += 1 }
        return isOwn
    }
}
