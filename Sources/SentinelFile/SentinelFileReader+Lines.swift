internal import Addressing
internal import DirectiveFile
internal import DropInCore
internal import MonotonicTime
internal import SentinelCore

extension SentinelFileReader {
    /// The words behind `sentinel NAME`, or `nil` with a problem where they are not so many.
    private mutating func values(_ line: Line, _ count: ClosedRange<Int>) -> [String]? {
        let values = line.directive.words.dropFirst(2).map(\.text)
        guard count.contains(values.count) else {
            let name = line.directive.words[1].text
            complain(line, 1, "wrong number of values for sentinel \(name)")
            return nil
        }
        return values
    }

    mutating func applyGlobal(_ name: String, _ line: Line) {
        guard let value = values(line, 1...1)?.first else { return }
        let text = value.isEmpty ? nil : value
        switch name {
        case "announce-ip": if let text { configuration.globals.announceHost = text }
        case "announce-port":
            guard let port = Int(value), (0...65535).contains(port) else {
                return complain(line, 2, "announce-port must be a port, 0 to 65535")
            }
            configuration.globals.announcePort = port == 0 ? nil : UInt16(port)
        case "deny-scripts-reconfig":
            if let isOn = isOn(line) { configuration.globals.deniesScriptChanges = isOn }
        case "resolve-hostnames":
            if let isOn = isOn(line) { configuration.globals.resolvesHostnames = isOn }
        case "announce-hostnames":
            if let isOn = isOn(line) { configuration.globals.announcesHostnames = isOn }
        case "sentinel-user": if let text { configuration.globals.sentinelUser = text }
        case "sentinel-pass": if let text { configuration.globals.sentinelPassword = text }
        case "myid":
            guard let id = RunID(value) else {
                return complain(line, 2, "an identity has 40 hexadecimal digits")
            }
            configuration.ledger.id = id
        case _:
            guard let epoch = epoch(line, 2) else { return }
            configuration.ledger.currentEpoch = max(configuration.ledger.currentEpoch, epoch)
        }
    }

    private mutating func isOn(_ line: Line) -> Bool? {
        switch DirectiveSpec.lowercased(line.directive.words[2].text) {
        case "yes": return true
        case "no": return false
        case _:
            complain(line, 2, "\(line.directive.words[1].text) must be yes or no")
            return nil
        }
    }

    private mutating func epoch(_ line: Line, _ word: Int) -> Epoch? {
        guard let epoch = Epoch(line.directive.words[word].text) else {
            complain(line, word, "an epoch is a whole number from 0 on")
            return nil
        }
        return epoch
    }

    // MARK: Groups

    mutating func applyMonitor(_ line: Line) {
        guard let values = values(line, 4...4) else { return }
        guard let quorum = Int(values[3]), (1...Int(Int32.max)).contains(quorum) else {
            return complain(line, 5, "a quorum is a whole number from 1 on")
        }
        guard let place = place(line, 3) else { return }
        guard !configuration.ledger.entries.contains(where: { $0.settings.name == values[0] })
        else { return complain(line, 2, "\(values[0]) is monitored already") }
        configuration.ledger.entries.append(
            Ledger.Entry(
                settings: MasterSettings(name: values[0], quorum: quorum), primary: place))
    }

    /// From the word of its host on.
    private mutating func place(_ line: Line, _ word: Int) -> Place? {
        let words = line.directive.words
        guard let port = Int(words[word + 1].text), (1...65535).contains(port) else {
            complain(line, word + 1, "a port is a number from 1 to 65535")
            return nil
        }
        let host = words[word].text
        let address = IPAddress(host)
        guard address != nil || configuration.globals.resolvesHostnames else {
            complain(
                line, word,
                "\(host) is no IP address; names need sentinel resolve-hostnames yes")
            return nil
        }
        return Place(host: host, address: address, port: UInt16(port))
    }

    mutating func applyGroupLine(_ name: String, _ line: Line) {
        let counts: [String: ClosedRange<Int>] = [  // Its order never reaches an effect.
            "known-replica": 3...3, "known-slave": 3...3, "known-sentinel": 3...4,
            "rename-command": 3...3,
        ]
        guard Self.groupNames.contains(name) else {
            let meant = nearestSpelling(of: name, among: Self.groupNames + ["monitor"])
            return complain(
                line, 1,
                "sentinel \(name) is no directive" + (meant.map { "; was \($0) meant?" } ?? ""))
        }
        guard let values = values(line, counts[name] ?? 2...2) else { return }
        guard
            let index = configuration.ledger.entries.firstIndex(where: {
                $0.settings.name == values[0]
            })
        else {
            let names = configuration.ledger.entries.map(\.settings.name)
            let meant = nearestSpelling(of: values[0], among: names)
            return complain(
                line, 2,
                "no master \(values[0]) is monitored"
                    + (meant.map { "; was \($0) meant?" } ?? ""))
        }
        switch name {
        case "known-replica", "known-slave", "known-sentinel":
            applyKnown(name, line, to: index)
        case "config-epoch", "leader-epoch": applyEpoch(name, line, to: index)
        case _: applySetting(name, values, line, to: index)
        }
    }

    private static let groupNames = [
        "down-after-milliseconds", "failover-timeout", "parallel-syncs", "notification-script",
        "client-reconfig-script", "auth-pass", "auth-user", "rename-command",
        "master-reboot-down-after-period", "primary-reboot-down-after-period", "config-epoch",
        "leader-epoch", "known-replica", "known-slave", "known-sentinel",
    ]

    private mutating func applyEpoch(_ name: String, _ line: Line, to index: Int) {
        guard let epoch = epoch(line, 3) else { return }
        if name == "leader-epoch" {
            configuration.ledger.entries[index].leaderEpoch = epoch
            return
        }
        configuration.ledger.entries[index].configEpoch = epoch
        configuration.ledger.currentEpoch = max(configuration.ledger.currentEpoch, epoch)
    }

    private mutating func applyKnown(_ name: String, _ line: Line, to index: Int) {
        guard let place = place(line, 3) else { return }
        if name != "known-sentinel" {
            guard !configuration.ledger.entries[index].replicas.contains(place) else {
                return complain(line, 3, "this replica is listed twice")
            }
            configuration.ledger.entries[index].replicas.append(place)
            return
        }
        // A line of old without an identity says nothing that is still of use.
        guard line.directive.words.count == 6 else { return }
        let word = line.directive.words[5].text
        guard let id = RunID(word) else {
            return complain(line, 5, "an identity has 40 hexadecimal digits")
        }
        guard !configuration.ledger.entries[index].sentinels.contains(where: { $0.id == id })
        else { return complain(line, 5, "this Sentinel is listed twice") }
        configuration.ledger.entries[index].sentinels.append(
            Ledger.KnownSentinel(place: place, id: id))
    }

    private mutating func applySetting(
        _ name: String, _ values: [String], _ line: Line, to index: Int
    ) {
        let value = values[1]
        var settings = configuration.ledger.entries[index].settings
        switch name {
        case "down-after-milliseconds":
            guard let interval = interval(line, from: 1) else { return }
            settings.downAfter = interval
        case "failover-timeout":
            guard let interval = interval(line, from: 1) else { return }
            settings.failoverTimeout = interval
        case "master-reboot-down-after-period", "primary-reboot-down-after-period":
            guard let interval = interval(line, from: 0) else { return }
            settings.rebootDownAfter = interval
        case "parallel-syncs":
            guard let count = Int(value), (1...Int(Int32.max)).contains(count) else {
                return complain(line, 3, "parallel-syncs is a whole number from 1 on")
            }
            settings.parallelSyncs = count
        case "notification-script", "client-reconfig-script":
            guard surroundings.isExecutable(fromDirectory(value)) else {
                return complain(
                    line, 3,
                    "\(value) does not exist or cannot be run; give its path, and chmod +x it")
            }
            if name == "notification-script" {
                settings.notificationScript = value
            } else {
                settings.clientReconfigScript = value
            }
        case "auth-pass": settings.authPassword = value
        case "auth-user": settings.authUser = value
        case _:
            guard !settings.renamedCommands.contains(where: { $0.original == value }) else {
                return complain(line, 3, "\(value) is renamed twice")
            }
            settings.renamedCommands.append(
                MasterSettings.RenamedCommand(original: value, renamed: values[2]))
        }
        configuration.ledger.entries[index].settings = settings
    }

    /// A path as it is meant once the process works in `dir`.
    private func fromDirectory(_ path: String) -> String {
        guard !path.hasPrefix("/"), let directory = configuration.server.directory else {
            return path
        }
        return directory + "/" + path
    }

    private mutating func interval(_ line: Line, from least: Int) -> Interval? {
        guard let number = Int(line.directive.words[3].text), number >= least,
            number <= Int(Int32.max)
        else {
            complain(
                line, 3,
                "\(line.directive.words[1].text) is a number of milliseconds from \(least) to"
                    + " \(Int32.max)")
            return nil
        }
        return .milliseconds(number)
    }
}
