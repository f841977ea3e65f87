// `baton guard-orders yes`: who may only look, whatever the rules of the passwordless user allow.
// redis-sentinel has no such line: there whoever reaches a port without a password can point every
// client at a server of his own, or have a script run.

extension Port {
    /// Commands that change what the Sentinel does, remembers or runs, in the names of
    /// ``CommandTable``. Votes and hellos are not among them: the other Sentinels need both.
    static let orders = [
        "sentinel|config", "sentinel|debug", "sentinel|failover", "sentinel|flushconfig",
        "sentinel|monitor", "sentinel|remove", "sentinel|reset", "sentinel|set",
        "sentinel|simulate-failure", "acl|deluser", "acl|load", "acl|log", "acl|save",
        "acl|setuser", "client|kill", "client|pause", "shutdown",
    ]

    /// Whether the guard lets the client have its request: it asks only, or is no stranger.
    func isTrusted(_ client: PortClient, with request: Request, _ command: String) -> Bool {
        guard settings.guardsOrders, Self.orders.contains(command) else { return true }
        return !isStranger(client) || Self.onlyAsks(request, command)
    }

    /// It does not come from this host, and has not shown the password that its user needs.
    private func isStranger(_ client: PortClient) -> Bool {
        guard !client.isLoopback else { return false }
        return !client.hasShownPassword || book[client.user]?.needsNoPassword != false
    }

    /// Whether the client may read the password that Sentinels show each other: with it, a
    /// stranger would be none.
    func maySeePassword(_ id: PortClient.ID) -> Bool {
        guard settings.guardsOrders, let index = index(of: id) else { return true }
        return !isStranger(clients[index])
    }

    private static func onlyAsks(_ request: Request, _ command: String) -> Bool {
        switch command {
        case "sentinel|config": request.option(2) == "get"
        case "sentinel|debug": request.count == 2
        case "acl|log": request.count == 2 || request.option(2) != "reset"
        case _: false
        }
    }

    static func guarded(_ command: String) -> String {
        "NOPERM '\(command)' is for clients with a password, or on the Sentinel's own host"
            + " (baton guard-orders)"
    }
}
