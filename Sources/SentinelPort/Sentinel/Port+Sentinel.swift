internal import DropInCore
internal import MonotonicTime
internal import RESP
internal import SentinelCore

extension Port {
    /// `SENTINEL` and its subcommands, by their old names.
    mutating func runSentinel(
        _ name: String, _ request: Request, _ id: PortClient.ID,
        _ surroundings: some PortSurroundings
    ) {
        switch name {
        case "masters":
            reply(
                id, .array(surroundings.portrait().groups.map { InstanceFields.value($0.master) }))
        case "master", "replicas", "slaves", "sentinels", "ckquorum", "get-master-addr-by-name":
            show(name, surroundings.portrait(of: request.words[2]), id)
        case "info-cache": showReports(request, id, surroundings)
        case "myid": reply(id, .bulk(surroundings.portrait().id.description))
        case "pending-scripts":
            reply(id, .array(surroundings.pendingScripts().map(\.value)))
        case "is-master-down-by-addr": askWhetherDown(request, id, surroundings.portrait())
        case "config": configure(request, id, surroundings.portrait())
        case "debug": setPeriods(request, id, surroundings.portrait())
        case "set": setOptions(request, id, surroundings)
        case "monitor": monitor(request, id, surroundings.portrait())
        case "remove": order(.remove(request.words[2]), id)
        case "reset": order(.reset(pattern: request.words[2]), id)
        case "failover": failOver(request, id)
        case "flushconfig": order(.flush, id)
        case "simulate-failure": simulateFailure(request, id)
        case _: reply(id, HelpText.value("SENTINEL", HelpText.sentinel))
        }
    }

    mutating func order(_ order: Order, _ id: PortClient.ID, complaint: String? = nil) {
        effects.append(.order(order, ticket(for: .order(id, complaint: complaint), id)))
    }

    mutating func role(_ id: PortClient.ID, _ portrait: NodePortrait) {
        let names = portrait.groups.map { RESPValue.bulk($0.master.name) }
        reply(id, .array([.bulk("sentinel"), .array(names)]))
    }

    // MARK: Questions

    private mutating func show(_ name: String, _ group: GroupPortrait?, _ id: PortClient.ID) {
        if name == "get-master-addr-by-name" {
            guard let group else { return reply(id, .nullArray) }
            return reply(
                id, .array([.bulk(group.clientHost), .bulk(String(group.clientPort))]))
        }
        guard let group else { return refuse(id, OrderRefusal.unknownMaster.text) }
        switch name {
        case "master": reply(id, InstanceFields.value(group.master))
        case "sentinels": reply(id, .array(group.sentinels.map(InstanceFields.value)))
        case "ckquorum": checkQuorum(of: group, id)
        case _:
            let shown = group.replicas.filter(\.isShown)
            reply(id, .array(shown.map(InstanceFields.value)))
        }
    }

    private mutating func checkQuorum(of group: GroupPortrait, _ id: PortClient.ID) {
        guard case .master(let facts) = group.master.kind else { return }
        let usable = group.usableSentinelCount
        let hasQuorum = usable >= facts.settings.quorum
        let hasMajority = usable >= (group.sentinels.count + 1) / 2 + 1
        if hasQuorum, hasMajority {
            return reply(
                id,
                .simple(
                    "OK \(usable) usable Sentinels. Quorum and failover authorization can be"
                        + " reached"))
        }
        var parts: [String] = []
        if !hasQuorum {
            parts.append(
                "Not enough available Sentinels to reach the specified quorum for this master")
        }
        if !hasMajority {
            parts.append(
                "Not enough available Sentinels to reach the majority and authorize a failover")
        }
        refuse(id, "NOQUORUM \(usable) usable Sentinels. " + parts.joined(separator: ". "))
    }

    /// Names that are not known are passed over, a name that comes twice is shown once.
    private mutating func showReports(
        _ request: Request, _ id: PortClient.ID, _ surroundings: some PortSurroundings
    ) {
        var groups: [GroupPortrait] = []
        for name in request.words.dropFirst(2)
        where !groups.contains(where: { $0.master.name == name }) {
            if let group = surroundings.portrait(of: name) { groups.append(group) }
        }
        let values = groups.flatMap { group -> [RESPValue] in
            let reports = group.reports.map { report in
                RESPValue.array([
                    .integer(report.text == nil ? 0 : report.age.milliseconds),
                    report.text.map { .bulk($0) } ?? .null,
                ])
            }
            return [.bulk(group.master.name), .array(reports)]
        }
        reply(id, .array(values))
    }

    // MARK: Orders

    /// Valkey 9's `COORDINATED` may follow the name.
    private mutating func failOver(_ request: Request, _ id: PortClient.ID) {
        guard request.count == 3 || request.option(3) == "coordinated" else {
            return refuse(id, "ERR Unknown failover option specified")
        }
        order(.failover(request.words[2], isCoordinated: request.count == 4), id)
    }

    private mutating func simulateFailure(_ request: Request, _ id: PortClient.ID) {
        var simulation: FailureSimulation = []
        for index in 2..<request.count {
            switch request.option(index) {
            case "crash-after-election": simulation.insert(.crashAfterElection)
            case "crash-after-promotion": simulation.insert(.crashAfterPromotion)
            case "help":
                return reply(
                    id, .array([.bulk("crash-after-election"), .bulk("crash-after-promotion")]))
            case _:
                return order(
                    .simulateFailure(simulation), id,
                    complaint: "ERR Unknown failure simulation specified")
            }
        }
        order(.simulateFailure(simulation), id)
    }

    /// `SENTINEL DEBUG [name milliseconds …]`
    private mutating func setPeriods(
        _ request: Request, _ id: PortClient.ID, _ portrait: NodePortrait
    ) {
        guard request.count > 2 else {
            let pairs = Period.allCases.map {
                RESPPair(
                    .bulk($0.rawValue.uppercasedASCII),
                    .bulk(String(portrait.periods[$0].milliseconds)))
            }
            return reply(id, .map(pairs))
        }
        var changes: [Order.PeriodChange] = []
        var complaint: String?
        var index = 2
        while index < request.count, complaint == nil {
            let word = request.words[index]
            guard let period = Period(rawValue: request.option(index)),
                index + 1 < request.count
            else {
                complaint =
                    "ERR Unknown option or number of arguments for SENTINEL DEBUG '\(word)'"
                break
            }
            if let interval = request.interval(index + 1, from: 1) {
                changes.append(Order.PeriodChange(period: period, interval: interval))
            } else {
                let value = request.words[index + 1]
                complaint = "ERR Invalid argument '\(value)' for SENTINEL DEBUG '\(word)'"
            }
            index += 2
        }
        if changes.isEmpty, let complaint { return refuse(id, complaint) }
        order(.setPeriods(changes), id, complaint: complaint)
    }
}

extension NodePortrait {
    /// Names are compared byte by byte.
    func group(_ name: String) -> GroupPortrait? {
        groups.first { $0.master.name.utf8.elementsEqual(name.utf8) }
    }
}

extension InstancePortrait {
    /// A replica that does not want to be announced is counted, and not shown.
    fileprivate var isShown: Bool {
        switch kind {
        case .replica(let facts): facts.isAnnounced
        case .master, .sentinel: true
        }
    }
}

extension Request {
    /// A word that is a number of milliseconds, at least `least`.
    func interval(_ index: Int, from least: Int) -> Interval? {
        guard let number = integer(index), number >= least, number <= Port.millisecondsMax else {
            return nil
        }
        return .milliseconds(number)
    }
}

extension PendingScript {
    var isRunning: Bool {
        switch state {
        case .running: true
        case .scheduled: false
        }
    }

    /// An element of `SENTINEL PENDING-SCRIPTS`.
    var value: RESPValue {
        var pairs = [RESPPair(.bulk("argv"), .array(words.map { .bulk($0) }))]
        func add(_ name: String, _ text: String) {
            pairs.append(RESPPair(.bulk(name), .bulk(text)))
        }
        add("flags", isRunning ? "running" : "scheduled")
        switch state {
        case .running(let processID, let time):
            add("pid", String(processID))
            add("run-time", String(time.milliseconds))
        case .scheduled(let delay):
            add("pid", "0")
            add("run-delay", String(max(0, delay.milliseconds)))
        }
        add("retry-num", String(tryCount))
        return .map(pairs)
    }
}
