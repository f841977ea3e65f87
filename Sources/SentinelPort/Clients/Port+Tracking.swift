internal import RESP

extension Port {
    /// `CLIENT TRACKING ON|OFF …`: checked as Redis does; there are no keys to be told of.
    mutating func track(_ request: Request, _ client: PortClient) {
        let id = client.id
        guard let asked = tracking(request, id) else { return }
        switch request.option(2) {
        case "off":
            change(id) { $0.tracking = nil }
        case "on":
            if let problem = Self.problem(asked, with: client.tracking) {
                return refuse(id, problem)
            }
            change(id) { client in
                let prefixes = (client.tracking?.prefixes ?? []) + asked.prefixes
                client.tracking = asked
                client.tracking?.prefixes = prefixes
            }
        case _:
            return refuse(id, "ERR syntax error")
        }
        reply(id, .simple("OK"))
    }

    /// `nil` once it was refused.
    private mutating func tracking(
        _ request: Request, _ id: PortClient.ID
    ) -> PortClient.Tracking? {
        var asked = PortClient.Tracking()
        var index = 3
        while index < request.count {
            let hasValue = index + 1 < request.count
            switch request.option(index) {
            case "redirect" where hasValue:
                index += 1
                guard asked.redirection == nil else {
                    refuse(id, "ERR A client can only redirect to a single other client")
                    return nil
                }
                guard let target = request.integer(index) else {
                    refuse(id, Self.noInteger)
                    return nil
                }
                guard self[target] != nil else {
                    refuse(id, "ERR The client ID you want redirect to does not exist")
                    return nil
                }
                asked.redirection = target
            case "bcast": asked.isBroadcast = true
            case "optin": asked.isOptIn = true
            case "optout": asked.isOptOut = true
            case "noloop": asked.isNoLoop = true
            case "prefix" where hasValue && asked.prefixes.count < Self.prefixCountMax:
                index += 1
                asked.prefixes.append(request.arguments[index])
            case _:
                refuse(id, "ERR syntax error")
                return nil
            }
            index += 1
        }
        return asked
    }

    /// Prefixes that are kept of one client.
    private static let prefixCountMax = 64

    private static func problem(
        _ asked: PortClient.Tracking, with old: PortClient.Tracking?
    ) -> String? {
        if !asked.isBroadcast, !asked.prefixes.isEmpty {
            return "ERR PREFIX option requires BCAST mode to be enabled"
        }
        if let old, old.isBroadcast != asked.isBroadcast {
            return "ERR You can't switch BCAST mode on/off before disabling tracking for this"
                + " client, and then re-enabling it with a different mode."
        }
        if asked.isBroadcast, asked.isOptIn || asked.isOptOut {
            return "ERR OPTIN and OPTOUT are not compatible with BCAST"
        }
        if asked.isOptIn, asked.isOptOut {
            return "ERR You can't specify both OPTIN mode and OPTOUT mode"
        }
        if let old, asked.isOptIn && old.isOptOut || asked.isOptOut && old.isOptIn {
            return "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this"
                + " client, and then re-enabling it with a different mode."
        }
        return overlap(asked.prefixes, old?.prefixes ?? [])
    }

    /// Prefixes must not contain each other, or a key would be told of twice.
    private static func overlap(_ asked: [[UInt8]], _ old: [[UInt8]]) -> String? {
        for (index, prefix) in asked.enumerated() {
            if let other = old.first(where: { overlaps($0, prefix) }) {
                return "ERR Prefix '\(text(prefix))' overlaps with an existing prefix"
                    + " '\(text(other))'. Prefixes for a single client must not overlap."
            }
            if let other = asked[(index + 1)...].first(where: { overlaps($0, prefix) }) {
                return "ERR Prefix '\(text(prefix))' overlaps with another provided prefix"
                    + " '\(text(other))'. Prefixes for a single client must not overlap."
            }
        }
        return nil
    }

    private static func overlaps(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        let length = min(one.count, other.count)
        return one.prefix(length) == other.prefix(length)
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// `CLIENT CACHING YES|NO`
    mutating func setCaching(_ request: Request, _ client: PortClient) {
        let id = client.id
        guard let tracking = client.tracking else {
            return refuse(
                id,
                "ERR CLIENT CACHING can be called only when the client is in tracking mode with"
                    + " OPTIN or OPTOUT mode enabled")
        }
        switch request.option(2) {
        case "yes":
            guard tracking.isOptIn else {
                return refuse(
                    id,
                    "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.")
            }
        case "no":
            guard tracking.isOptOut else {
                return refuse(
                    id,
                    "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.")
            }
        case _:
            return refuse(id, "ERR syntax error")
        }
        reply(id, .simple("OK"))
    }

    static func trackingText(_ tracking: PortClient.Tracking?) -> RESPValue {
        var flags = [tracking == nil ? "off" : "on"]
        if let tracking {
            if tracking.isBroadcast { flags.append("bcast") }
            if tracking.isOptIn { flags.append("optin") }
            if tracking.isOptOut { flags.append("optout") }
            if tracking.isNoLoop { flags.append("noloop") }
        }
        return .map([
            RESPPair(.bulk("flags"), .set(flags.map { .bulk($0) })),
            RESPPair(
                .bulk("redirect"), .integer(tracking.map { $0.redirection ?? 0 } ?? -1)),
            RESPPair(
                .bulk("prefixes"), .array((tracking?.prefixes ?? []).map { .bulkString($0) })),
        ])
    }
}
