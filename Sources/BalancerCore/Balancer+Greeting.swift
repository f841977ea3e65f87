internal import MonotonicTime
internal import RESP

// Replies to the balancer's own requests.
extension Balancer {
    /// Bytes of a reply to `COMMAND` beyond which it is not kept; Redis 7 sends 200 KiB.
    private static let lessonByteCountMax = 4 << 20

    /// `false` when the connection is no more.
    mutating func takeOwn(
        _ errand: Errand, _ reply: Reply, _ upstream: Int, _ unread: RawSpan, _ now: Instant,
        _ effects: inout EffectBuffer
    ) -> Bool {
        switch errand {
        case .greeting where reply.kind == .error && isForNow(reply, unread):
            postpone(upstream, now, &effects)
            return false
        case .greeting where reply.kind == .error:
            refuse(upstream, lower: reply.lower, upper: reply.upper, now, &effects)
            return false
        case .probe where reply.kind == .error && isNotServed(reply, unread):
            lose(upstream, unsentByteCount: 0, now, &effects)
            return false
        case .lesson:
            learn(upstream, unread, reply.lower..<reply.upper)
            finishLesson(upstream)
            return true
        case .identify:
            learn(upstream, unread, reply.lower..<reply.upper)
            return identify(upstream, reply, unread, now, &effects)
        case .greeting, .courtesy, .probe, .read, .other, .multi, .queued, .join, .unsure,
            .unserved:
            return true
        }
    }

    mutating func learn(_ upstream: Int, _ unread: RawSpan, _ range: Range<Int>) {
        guard upstreams[upstream].lesson.count + range.count <= Self.lessonByteCountMax else {
            return
        }
        unread.extracting(range).withUnsafeBytes { bytes in
            upstreams[upstream].lesson.append(contentsOf: bytes)
        }
    }

    private mutating func finishLesson(_ upstream: Int) {
        let lesson = upstreams[upstream].lesson
        upstreams[upstream].lesson = []
        var scanner = ReplyScanner()
        guard case .value(let reply, _)? = try? scanner.scan(lesson.span.bytes),
            let table = CommandTable(reply: reply)
        else { return }
        self.table = table
        servers[upstreams[upstream].server].isLearnt = true
    }

    /// The server lets nobody in for now. A transaction that could begin all the same at a server
    /// that is busy fails; all else waits.
    private mutating func postpone(
        _ upstream: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) {
        if case .client(let owner, _) = upstreams[upstream].ownership,
            let client = living(owner), clients[client].stage == .pinning(.transaction)
        {
            unhold(client)
            discard(upstream, &effects)
            clients[client].upstream = -1
            clients[client].stage = .voided(.unbegun)
            effects.append(.wake(owner))
        } else {
            lose(upstream, unsentByteCount: 0, now, &effects)
        }
    }

    /// Whether a refused greeting says nothing of who was greeted: it is tried again.
    private func isForNow(_ reply: Reply, _ unread: RawSpan) -> Bool {
        isNotServed(reply, unread) || unread.begins(with: "-BUSY ", at: reply.lower)
            || unread.begins(with: "-ERR max number of clients", at: reply.lower)
    }

    /// Whether an error says that the server serves nothing for now, and so did not run it.
    func isNotServed(_ reply: Reply, _ unread: RawSpan) -> Bool {
        unread.begins(with: "-LOADING ", at: reply.lower)
            || unread.begins(with: "-MASTERDOWN ", at: reply.lower)
    }
}
