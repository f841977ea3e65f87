internal import DropInCore
internal import RESP

/// What `SENTINEL CONFIG SET` was told, all of it right.
struct ConfigureRequest: Equatable {
    var options: [GlobalOption] = []
    var logLevel: LogLevel?

    /// The error where something is wrong: then nothing is set.
    static func read(_ request: Request) -> Result<ConfigureRequest, PortRefusal> {
        var asked = ConfigureRequest()
        var names: [String] = []
        var index = 3
        while index < request.count {
            let word = request.words[index]
            let name = request.option(index)
            guard GlobalNames.all.contains(name) else {
                return .failure(
                    PortRefusal("ERR Invalid argument '\(word)' to SENTINEL CONFIG SET"))
            }
            guard !names.contains(name) else {
                return .failure(
                    PortRefusal("ERR Duplicate argument '\(word)' to SENTINEL CONFIG SET"))
            }
            names.append(name)
            guard index + 1 < request.count else {
                return .failure(PortRefusal("ERR Missing argument '\(word)' value"))
            }
            guard asked.take(name, request, index + 1) else {
                let value = request.words[index + 1]
                return .failure(
                    PortRefusal(
                        "ERR Invalid value '\(value)' to SENTINEL CONFIG SET '\(word)'"))
            }
            index += 2
        }
        return .success(asked)
    }

    /// Whether the value can be meant.
    private mutating func take(_ name: String, _ request: Request, _ index: Int) -> Bool {
        let value = request.words[index]
        let text = value.isEmpty ? nil : value
        switch name {
        case "resolve-hostnames", "announce-hostnames":
            let word = request.option(index)
            guard word == "yes" || word == "no" else { return false }
            options.append(
                name == "resolve-hostnames"
                    ? .resolvesHostnames(word == "yes") : .announcesHostnames(word == "yes"))
        case "announce-port":
            guard let port = request.integer(index), (0...65535).contains(port) else {
                return false
            }
            options.append(.announcePort(port == 0 ? nil : UInt16(port)))
        case "loglevel":
            guard let level = LogLevel(rawValue: request.option(index)) else { return false }
            logLevel = level
        case "announce-ip": options.append(.announceHost(text))
        case "sentinel-user": options.append(.sentinelUser(text))
        case _: options.append(.sentinelPassword(text))
        }
        return true
    }
}

/// What `SENTINEL CONFIG` knows, in its order.
enum GlobalNames {
    static let all = [
        "resolve-hostnames", "announce-hostnames", "announce-ip", "announce-port",
        "sentinel-user", "sentinel-pass", "loglevel",
    ]

    static func value(_ name: String, _ globals: GlobalSettings, _ level: LogLevel) -> String {
        switch name {
        case "resolve-hostnames": globals.resolvesHostnames ? "yes" : "no"
        case "announce-hostnames": globals.announcesHostnames ? "yes" : "no"
        case "announce-ip": globals.announceHost ?? ""
        case "announce-port": String(globals.announcePort ?? 0)
        case "sentinel-user": globals.sentinelUser ?? ""
        case "sentinel-pass": globals.sentinelPassword ?? ""
        case _: level.rawValue
        }
    }
}

extension Port {
    /// `SENTINEL CONFIG GET|SET`
    mutating func configure(_ request: Request, _ id: PortClient.ID, _ portrait: NodePortrait) {
        switch request.option(2) {
        case "get":
            let globals = globals(matching: request.words.dropFirst(3), for: id, portrait)
            reply(id, .map(globals))
        case "set" where request.count >= 5:
            if let index = request.firstControlCharacter(from: 3) {
                return refuse(id, Self.controlCharacter(at: index, "CONFIG SET"))
            }
            switch ConfigureRequest.read(request) {
            case .failure(let failure): refuse(id, failure.text)
            case .success(let asked):
                if let level = asked.logLevel {
                    settings.logLevel = level
                    effects.append(.setLogLevel(level))
                }
                order(.configure(asked.options), id)
            }
        case _:
            refuse(
                id,
                "ERR Only SENTINEL CONFIG GET <param> [<param> <param> ...]/ SET <param> <value>"
                    + " [<param> <value> ...] are supported.")
        }
    }

    /// By the order of the patterns, each name once.
    private func globals(
        matching patterns: ArraySlice<String>, for id: PortClient.ID, _ portrait: NodePortrait
    ) -> [RESPPair] {
        let known = GlobalNames.all.filter { $0 != "sentinel-pass" || maySeePassword(id) }
        var names: [String] = []
        for pattern in patterns {
            let glob = GlobPattern(Array(pattern.lowercasedASCII.utf8))
            names += known.filter {
                !names.contains($0) && glob.matches(Array($0.utf8))
            }
        }
        return names.map {
            RESPPair(
                .bulk($0),
                .bulk(GlobalNames.value($0, portrait.globals, settings.logLevel)))
        }
    }
}
