import Addressing
import MonotonicTime
import RESP

@testable import BalancerCore

/// A balancer whose connections open at once, for tests of one rule.
final class Scene {
    var balancer: Balancer
    /// Connections to servers fail.
    var refusesConnections = false
    /// Servers are there, and say nothing.
    var isSilent = false
    /// How often one was connected to.
    private(set) var connectionCount = 0
    /// Servers refuse every greeting.
    var isBusy = false
    /// Who answers where writes go, and as what.
    var primary = "one"
    var role = "master"
    private var effects = EffectBuffer()
    private var now = Instant(nanoseconds: 0)
    private var heard: [ClientID: String] = [:]
    private var unread: [ClientID: [UInt8]] = [:]
    private var closed: [ClientID] = []
    private var outboxes: [UpstreamID: [UInt8]] = [:]

    init(serverCount: Int, settings: BalancerSettings = .init()) {
        var settings = settings
        settings.selection.slowStart = .zero
        balancer = Balancer(settings: settings)
        let reports = (1...serverCount).map { index in
            ServerReport(
                endpoint: Endpoint(
                    address: .v4(IPv4Address(10, 0, 0, UInt8(index))), port: 6379),
                role: .replica, condition: .serving(.none))
        }
        balancer.update(servers: reports, at: now, into: &effects)
        // The first client opens a connection to each server.
        let first = client()
        send("PING", from: first)
        for (upstream, _) in outboxes where self.upstream(of: first) == upstream {
            reply("+PONG\r\n", from: upstream)
        }
        leave(first)
        heard = [:]
        closed = []
    }

    func client(_ service: Service = .read, _ freshness: Freshness = .any) -> ClientID {
        guard let client = balancer.accept(service, freshness, at: now) else {
            fatalError("no client")
        }
        return client
    }

    /// The servers are reported anew, each with data as old as this; the last may be the primary.
    func report(dataAges: [Interval?], lastIsPrimary: Bool = false) {
        let reports = dataAges.indices.map { index in
            ServerReport(
                endpoint: Endpoint(
                    address: .v4(IPv4Address(10, 0, 0, UInt8(index + 1))), port: 6379),
                role: lastIsPrimary && index + 1 == dataAges.count ? .primary : .replica,
                condition: .serving(.none), dataAsOf: dataAges[index].map { now - $0 })
        }
        balancer.update(servers: reports, at: now, into: &effects)
        perform([])
    }

    /// The nodes' word on who takes writes, at the write address.
    func name(_ primary: String?, epoch: UInt64, at host: UInt8 = 100) {
        let endpoint = Endpoint(address: .v4(IPv4Address(10, 0, 0, host)), port: 6379)
        balancer.update(
            writes: WritePlace(
                endpoint: endpoint, runID: primary.map { Array($0.utf8) }, epoch: epoch),
            at: now, into: &effects)
        perform([])
    }

    func announceMove() {
        balancer.moveAnnounced(at: now, into: &effects)
        perform([])
    }

    func callMoveOff() {
        balancer.moveCalledOff(at: now, into: &effects)
        perform([])
    }

    func announceDeparture(of clients: [ClientID]) {
        balancer.departureAnnounced(within: 2)
        for client in clients { balancer.departs(client, into: &effects) }
        perform([])
    }

    func hangUp(_ client: ClientID) {
        balancer.clientHungUp(client, at: now, into: &effects)
        perform([])
    }

    var heldCount: Int { balancer.statistics.heldCount }

    /// A request of words that need no quotes.
    func send(_ text: String, from client: ClientID) {
        var bytes: [UInt8] = []
        RESPEncoder.appendRequest(text.split(separator: " ").map(String.init), to: &bytes)
        unread[client, default: []] += bytes
        show(client)
    }

    /// Many requests that arrive together, several in a text with semicolons between them.
    func sendAtOnce(_ texts: [String], from client: ClientID) {
        var bytes: [UInt8] = []
        for text in texts {
            for request in text.split(separator: ";") {
                RESPEncoder.appendRequest(
                    request.split(separator: " ").map(String.init), to: &bytes)
            }
        }
        unread[client, default: []] += bytes
        show(client)
    }

    private func show(_ client: ClientID) {
        let bytes = unread[client] ?? []
        let reading = balancer.receive(from: client, bytes.span.bytes, at: now, into: &effects)
        unread[client]?.removeFirst(reading.consumedByteCount)
        perform(bytes)
    }

    /// The connection that a client's requests are on.
    func upstream(of client: ClientID) -> UpstreamID? {
        guard let slot = balancer.clients.slot(of: client.place),
            balancer.clients[slot].awaitedCount > 0
        else { return nil }
        return balancer.id(ofUpstream: balancer.clients[slot].upstream)
    }

    /// The connection that is a client's own, or that its requests are on.
    func own(_ client: ClientID) -> UpstreamID? {
        guard let slot = balancer.clients.slot(of: client.place),
            balancer.clients[slot].upstream >= 0
        else { return nil }
        return balancer.id(ofUpstream: balancer.clients[slot].upstream)
    }

    /// Which of the servers a client's requests are at.
    func server(_ client: ClientID) -> Int? {
        guard let upstream = upstream(of: client),
            let slot = balancer.upstreams.slot(of: upstream.place)
        else { return nil }
        return balancer.upstreams[slot].server
    }

    /// The requests that a connection keeps, in words.
    func outbox(_ upstream: UpstreamID) -> String {
        var scanner = RequestScanner()
        let bytes = outboxes[upstream] ?? []
        var requests: [String] = []
        var offset = 0
        while true {
            let rest = Array(bytes[offset...])
            guard case .value(let words, let consumed)? = try? scanner.scan(rest.span.bytes)
            else { return requests.joined(separator: "; ") }
            offset += consumed
            requests.append(
                words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "))
        }
    }

    /// Everything reaches the server: said for the reader, since only ``lose(_:unsent:)`` counts.
    func transmit(_ upstream: UpstreamID) {}

    func reply(_ text: String, from upstream: UpstreamID) {
        let bytes = Array(text.utf8)
        _ = balancer.receive(
            fromUpstream: upstream, bytes.span.bytes, at: now, into: &effects)
        perform(bytes)
    }

    func lose(_ upstream: UpstreamID, unsent: Int) {
        balancer.upstreamLost(upstream, unsentByteCount: unsent, at: now, into: &effects)
        perform([])
    }

    func leave(_ client: ClientID) {
        balancer.clientLost(client, at: now, into: &effects)
        perform([])
    }

    func pass(_ interval: Interval) {
        let end = now + interval
        while now < end {
            now = now + .milliseconds(100)
            balancer.tick(at: now, into: &effects)
            perform([])
        }
    }

    func heard(_ client: ClientID) -> String { heard[client] ?? "" }
    func isClosed(_ client: ClientID) -> Bool { closed.contains(client) }

    private func perform(_ shown: [UInt8]) {
        let wanted = effects.effects
        let composed = effects.composed
        effects.clear()
        var woken: [ClientID] = []
        for effect in wanted {
            switch effect {
            case .connect(let upstream, _, _): open(upstream)
            case .forward(let upstream, let lower, let upper):
                outboxes[upstream, default: []] += shown[lower..<upper]
            case .compose(let upstream, let lower, let upper):
                outboxes[upstream, default: []] += composed[lower..<upper]
            case .carry(let from, let offset, let byteCount, let to):
                let kept = outboxes[from] ?? []
                outboxes[to, default: []] += kept[offset..<offset + byteCount]
            case .release(let upstream, let byteCount):
                outboxes[upstream]?.removeFirst(byteCount)
            case .closeUpstream(let upstream): outboxes[upstream] = nil
            case .deliver(let client, let lower, let upper):
                heard[client, default: ""] += String(
                    decoding: shown[lower..<upper], as: UTF8.self)
            case .answer(let client, let lower, let upper):
                heard[client, default: ""] += String(
                    decoding: composed[lower..<upper], as: UTF8.self)
            case .closeClient(let client):
                closed.append(client)
                balancer.clientClosed(client)
            case .wake(let client): woken.append(client)
            case .pauseClient, .pauseUpstream, .resumeUpstream: break
            }
        }
        for client in woken { show(client) }
    }

    /// Opens a connection and answers its greeting.
    private func open(_ upstream: UpstreamID) {
        connectionCount += 1
        if refusesConnections { return lose(upstream, unsent: 0) }
        balancer.upstreamReached(upstream, at: now)
        balancer.upstreamOpened(upstream, at: now, into: &effects)
        perform([])
        if isSilent { return }
        let asksForCommands = outbox(upstream).contains("COMMAND")
        let commands =
            "*2\r\n*3\r\n$3\r\nget\r\n:2\r\n*1\r\n+readonly\r\n*3\r\n$3\r\nset\r\n:3\r\n*1\r\n"
            + "+write\r\n"
        let info = "# Server\r\nrun_id:\(primary)\r\nrole:\(role)\r\n"
        let word = outbox(upstream).contains("INFO") ? "$\(info.utf8.count)\r\n\(info)\r\n" : ""
        let pong = outbox(upstream).contains("PING") ? "+PONG\r\n" : ""
        if isBusy { return reply("-BUSY Redis is busy running a script\r\n", from: upstream) }
        let isHello = outbox(upstream).hasPrefix("HELLO")
        let isSelect = outbox(upstream).hasPrefix("SELECT")
        let greeting = isHello ? "%0\r\n" : isSelect ? "+OK\r\n" : ""
        reply(greeting + (asksForCommands ? commands : "") + word + pong, from: upstream)
    }
}
