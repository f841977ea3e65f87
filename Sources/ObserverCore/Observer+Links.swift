internal import Addressing
internal import MonotonicTime

/// Connections, and what is asked over them.
extension Observer {
    mutating func opened(_ target: ObserverTarget, at now: Instant) {
        switch target {
        case .server(let endpoint):
            guard let index = server(endpoint) else { return }
            servers[index].link = .open
            servers[index].askAt = now
            servers[index].unansweredSince = nil
        case .node(let endpoint):
            guard let index = node(endpoint) else { return }
            nodes[index].link = .open
            nodes[index].askAt = now
        case .events(let endpoint):
            guard let index = node(endpoint) else { return }
            nodes[index].events = .open
            // What it said before nobody has heard.
            nodes[index].askAt = nodes[index].askAt.map { min($0, now) }
        }
    }

    mutating func closed(_ target: ObserverTarget, at now: Instant) {
        let retry = Link.closed(retryAt: now + ObserverRhythm.retryPeriod)
        switch target {
        case .server(let endpoint):
            guard let index = server(endpoint) else { return }
            // A process that has died is another when it is back: it is looked for at once.
            let wasOpen = servers[index].link == .open
            servers[index].link = wasOpen ? .closed(retryAt: now) : retry
            servers[index].unansweredSince = nil
            servers[index].lostAt = servers[index].lostAt ?? now
            if wasOpen, endpoint == primary { hurry(at: now) }
        case .node(let endpoint):
            guard let index = node(endpoint) else { return }
            nodes[index].link = retry
            nodes[index].askAt = nil
        case .events(let endpoint):
            guard let index = node(endpoint) else { return }
            nodes[index].events = retry
        }
    }

    /// Opens what is due, gives up what has been silent for too long.
    mutating func keepLinks(at now: Instant, _ effects: inout [ObserverEffect]) {
        for index in nodes.indices {
            let endpoint = nodes[index].endpoint
            if nodes[index].link == .open, nodes[index].askAt == nil,
                now - nodes[index].askedAt > settings.downAfter
            {
                effects.append(.close(.node(endpoint)))
                closed(.node(endpoint), at: now)
            }
            if Self.isDue(nodes[index].link, at: now) {
                nodes[index].link = .opening
                effects.append(.open(.node(endpoint)))
            }
            if Self.isDue(nodes[index].events, at: now) {
                nodes[index].events = .opening
                effects.append(.open(.events(endpoint)))
            }
        }
        for index in servers.indices {
            let endpoint = servers[index].endpoint
            if let since = servers[index].unansweredSince, now - since > settings.downAfter {
                effects.append(.close(.server(endpoint)))
                closed(.server(endpoint), at: now)
                servers[index].link = .closed(retryAt: now + ObserverRhythm.retryPeriod)
            }
            if Self.isDue(servers[index].link, at: now) {
                servers[index].link = .opening
                effects.append(.open(.server(endpoint)))
            }
        }
    }

    private static func isDue(_ link: Link, at now: Instant) -> Bool {
        switch link {
        case .closed(let retryAt): now >= retryAt
        case .opening, .open: false
        }
    }

    /// Asks whoever owes nothing and whose turn it is.
    mutating func ask(at now: Instant, _ effects: inout [ObserverEffect]) {
        for index in nodes.indices where nodes[index].link == .open {
            guard let due = nodes[index].askAt, now >= due else { continue }
            nodes[index].askAt = nil
            nodes[index].askedAt = now
            effects.append(.ask(.node(nodes[index].endpoint)))
        }
        for index in servers.indices where servers[index].link == .open {
            guard servers[index].unansweredSince == nil, now >= servers[index].askAt else {
                continue
            }
            servers[index].unansweredSince = now
            effects.append(.ask(.server(servers[index].endpoint)))
        }
    }

    func node(_ endpoint: Endpoint) -> Int? { nodes.firstIndex { $0.endpoint == endpoint } }

    func server(_ endpoint: Endpoint) -> Int? { servers.firstIndex { $0.endpoint == endpoint } }
}
