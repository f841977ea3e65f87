import SentinelCore

/// Events in Sentinel's words, and the scripts that are told of them.
extension DropIn {
    mutating func announce(
        _ name: Announcement.Name, _ message: String, _ effects: inout [DropInEffect]
    ) {
        effects.append(.announce(Announcement(name, detail: message)))
    }

    /// An event of a group: those of the warning level are told to its notification script.
    mutating func announce(
        _ name: Announcement.Name, of group: Int, _ message: String,
        _ effects: inout [DropInEffect]
    ) {
        effects.append(.announce(Announcement(name, detail: message)))
        if name.level == .warning, let path = groups[group].settings.notificationScript {
            scripts.add(path: path, arguments: [name.rawValue, message], at: now)
        }
    }

    mutating func announce(
        _ name: Announcement.Name, server: Int, of group: Int, _ detail: String = "",
        _ effects: inout [DropInEffect]
    ) {
        announce(name, of: group, text(server: server, of: group) + detail, &effects)
    }

    mutating func announce(
        _ name: Announcement.Name, peer: Int, of group: Int, _ detail: String = "",
        _ effects: inout [DropInEffect]
    ) {
        announce(name, of: group, text(peer: peer, of: group) + detail, &effects)
    }

    /// `master <name> <ip> <port>` or `slave <ip:port> <ip> <port> @ <name> <ip> <port>`.
    func text(server: Int, of group: Int) -> String {
        let primary = masterText(group)
        guard server > 0 else { return "master " + primary }
        let place = groups[group].servers[server].place
        return "slave \(name(of: place)) \(announced(place)) \(place.port) @ \(primary)"
    }

    /// `sentinel <id> <ip> <port> @ <name> <ip> <port>`.
    func text(peer: Int, of group: Int) -> String {
        let place = groups[group].peers[peer].place
        return "sentinel \(groups[group].peers[peer].id) \(announced(place)) \(place.port)"
            + " @ \(masterText(group))"
    }

    private func masterText(_ group: Int) -> String {
        let place = groups[group].servers[0].place
        return "\(groups[group].settings.name) \(announced(place)) \(place.port)"
    }

    /// A replica's name: `ip:port`, an IPv6 address in brackets.
    func name(of place: Place) -> String {
        let host = announced(place)
        return host.contains(":") ? "[\(host)]:\(place.port)" : "\(host):\(place.port)"
    }

    /// `+switch-master`.
    mutating func announceSwitch(
        of group: Int, from old: Place, to new: Place, _ effects: inout [DropInEffect]
    ) {
        let message =
            "\(groups[group].settings.name) \(announced(old)) \(old.port)"
            + " \(announced(new)) \(new.port)"
        sendWhenDurable(.announce(Announcement(.switchPrimary, detail: message)))
        if let path = groups[group].settings.notificationScript {
            scripts.add(
                path: path, arguments: [Announcement.Name.switchPrimary.rawValue, message],
                at: now)
        }
    }

    /// Clients must be told by other means too.
    mutating func callReconfigurationScript(
        of group: Int, as part: FailoverPart, from old: Place, to new: Place
    ) {
        guard let path = groups[group].settings.clientReconfigScript else { return }
        scripts.add(
            path: path,
            arguments: [
                groups[group].settings.name, part.rawValue, "start", announced(old),
                String(old.port), announced(new), String(new.port),
            ], at: now)
    }
}
