internal import MonotonicTime
internal import RESP

extension Port {
    /// `CLIENT` and its subcommands, as far as a Sentinel has them.
    mutating func runClient(
        _ name: String, _ request: Request, _ client: PortClient, _ now: Moment
    ) {
        let id = client.id
        switch name {
        case "id": reply(id, .integer(id))
        case "getname": reply(id, client.name.isEmpty ? .null : .bulkString(client.name))
        case "setname": setName(request, id)
        case "setinfo": setLibrary(request, id)
        case "info": reply(id, Self.text([self[id] ?? client], now))
        case "list": list(request, id, now)
        case "kill": kill(request, id)
        case "reply": setAnswering(request, id)
        case "no-evict": setEviction(request, id)
        case "pause": pauseClients(request, id, now)
        case "unpause":
            pause = nil
            reply(id, .simple("OK"))
        case "unblock": unblock(request, id)
        case "tracking": track(request, client)
        case "caching": setCaching(request, client)
        case "trackinginfo": reply(id, Self.trackingText(client.tracking))
        case "getredir":
            reply(id, .integer(client.tracking.map { $0.redirection ?? 0 } ?? -1))
        case _: reply(id, HelpText.value("CLIENT", HelpText.client))
        }
    }

    private mutating func setName(_ request: Request, _ id: PortClient.ID) {
        let name = request.arguments[2]
        guard Self.isName(name) else { return refuse(id, Self.badName) }
        change(id) { $0.name = name }
        reply(id, .simple("OK"))
    }

    private mutating func setLibrary(_ request: Request, _ id: PortClient.ID) {
        let option = request.option(2)
        let value = request.arguments[3]
        guard option == "lib-name" || option == "lib-ver" else {
            return refuse(id, "ERR Unrecognized option '\(request.words[2])'")
        }
        guard Self.isName(value) else {
            return refuse(
                id, "ERR \(option) cannot contain spaces, newlines or special characters.")
        }
        change(id) { client in
            if option == "lib-name" {
                client.libraryName = value
            } else {
                client.libraryVersion = value
            }
        }
        reply(id, .simple("OK"))
    }

    private static func text(_ clients: [PortClient], _ now: Moment) -> RESPValue {
        let lines = clients.map { $0.line(now: now.monotonic) + "\n" }
        return .verbatimString(.text, Array(lines.joined().utf8))
    }

    /// `CLIENT LIST [TYPE type | ID id …]`
    private mutating func list(_ request: Request, _ id: PortClient.ID, _ now: Moment) {
        if request.count == 2 { return reply(id, Self.text(clients, now)) }
        if request.count == 4, request.option(2) == "type" {
            guard let isOfType = Self.typeFilter(request.words[3]) else {
                return refuse(id, "ERR Unknown client type '\(request.words[3])'")
            }
            return reply(id, Self.text(clients.filter(isOfType), now))
        }
        guard request.count > 3, request.option(2) == "id" else {
            return refuse(id, "ERR syntax error")
        }
        var named: [PortClient] = []
        for index in 3..<request.count {
            guard let number = request.integer(index) else {
                return refuse(id, "ERR Invalid client ID")
            }
            if let client = self[number] { named.append(client) }
        }
        reply(id, Self.text(named, now))
    }

    /// A Sentinel has no clients that replicate.
    static func typeFilter(_ name: String) -> ((PortClient) -> Bool)? {
        switch name.lowercasedASCII {
        case "normal": { !$0.isSubscribed }
        case "pubsub": { $0.isSubscribed }
        case "master", "slave", "replica": { _ in false }
        case _: nil
        }
    }

    private mutating func setAnswering(_ request: Request, _ id: PortClient.ID) {
        switch request.option(2) {
        case "on":
            change(id) { $0.answering = .always }
            reply(id, .simple("OK"))
        case "off":
            change(id) { $0.answering = .never }
        case "skip":
            change(id) { if $0.answering != .never { $0.answering = .notTheNext } }
        case _:
            refuse(id, "ERR syntax error")
        }
    }

    private mutating func setEviction(_ request: Request, _ id: PortClient.ID) {
        let option = request.option(2)
        guard option == "on" || option == "off" else { return refuse(id, "ERR syntax error") }
        change(id) { $0.isExemptFromEviction = option == "on" }
        reply(id, .simple("OK"))
    }

    /// `CLIENT PAUSE milliseconds [WRITE|ALL]`
    private mutating func pauseClients(_ request: Request, _ id: PortClient.ID, _ now: Moment) {
        guard request.count <= 4 else { return refuse(id, Self.unknownOrWrongCount(request)) }
        var isOfAll = true
        if request.count == 4 {
            switch request.option(3) {
            case "write": isOfAll = false
            case "all": break
            case _: return refuse(id, "ERR CLIENT PAUSE mode must be WRITE or ALL")
            }
        }
        guard let milliseconds = request.integer(2), milliseconds <= Self.millisecondsMax else {
            return refuse(id, "ERR timeout is not an integer or out of range")
        }
        guard milliseconds >= 0 else { return refuse(id, "ERR timeout is negative") }
        let end = now.monotonic + .milliseconds(milliseconds)
        // A pause at hand is made longer or graver, never shorter or lighter.
        let old = pause.flatMap { $0.end > now.monotonic ? $0 : nil }
        pause = Pause(
            end: max(end, old?.end ?? end), isOfAll: isOfAll || old?.isOfAll == true)
        reply(id, .simple("OK"))
    }

    /// A hundred years: what an instant can bear being added to.
    static let millisecondsMax = 100 * 365 * 86_400_000

    /// Nobody is ever blocked here.
    private mutating func unblock(_ request: Request, _ id: PortClient.ID) {
        guard request.count <= 4 else { return refuse(id, Self.unknownOrWrongCount(request)) }
        if request.count == 4, !["timeout", "error"].contains(request.option(3)) {
            return refuse(id, "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
        }
        guard request.integer(2) != nil else { return refuse(id, Self.noInteger) }
        reply(id, .integer(0))
    }

    static let noInteger = "ERR value is not an integer or out of range"
}
