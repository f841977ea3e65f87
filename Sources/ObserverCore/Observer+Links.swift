internal import Addressing
internal import MonotonicTime

/// Connections, and what is asked over them.
extension Observer {
    mutating func opened(_ target: ObserverTarget, at now: Instant) {
        switch target {
        case .server(let endpoint):
            guard let index = server(endpoint) else { return }
            servers[index].link = .open
            servers[index].isProven = false
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
            // It is looked for at once: a promotion ends connections too. Not so where the link was
            // of no use, or this would turn as fast as the network.
            let wasOfUse = servers[index].link == .open && servers[index].isProven
            servers[index].link = wasOfUse ? .closed(retryAt: now) : retry
            servers[index].unansweredSince = nil
            if wasOfUse {
                servers[index].closedAt = now
                if endpoint == primary { hurry(at: now) }
            } else {
                servers[index].lostAt = servers[index].lostAt ?? now
            }
        case .node(let endpoint):
            guard let index = node(endpoint) else { return }
            nodes[index].link = retry
            nodes[index].askAt = nil
            // What it said may not be so any more.
            nodes[index].claim = nil
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
                // Nobody writes to it, so that nobody would notice that it leads nowhere.
                effects.append(.close(.events(endpoint)))
                closed(.events(endpoint), at: now)
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
                servers[index].isProven = false
                closed(.server(endpoint), at: now)
            }
            if let closedAt = servers[index].closedAt, servers[index].lostAt == nil,
                now - closedAt > ObserverRhythm.reconnectMax
            {
                servers[index].lostAt = closedAt
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
