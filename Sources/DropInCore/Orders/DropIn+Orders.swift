import MonotonicTime
import SentinelCore

/// What clients order.
extension DropIn {
    mutating func ordered(
        _ query: QueryID, _ order: Order, _ effects: inout [DropInEffect]
    ) {
        let outcome: OrderOutcome
        switch order {
        case .monitor(let name, let place, let quorum):
            outcome = monitor(name, place, quorum: quorum, &effects)
        case .remove(let name):
            outcome = remove(name, &effects)
        case .set(let name, let options):
            outcome = set(name, options, &effects)
        case .reset(let pattern):
            outcome = reset(pattern, &effects)
        case .failover(let name, let isCoordinated):
            outcome = failOver(name, isCoordinated: isCoordinated, &effects)
        case .configure(let options):
            for option in options { configure(option, &effects) }
            outbox.mustSave(at: now)
            outcome = .done
        case .setPeriods(let changes):
            for change in changes {
                periods[change.period] = min(change.interval, Rhythm.longest)
            }
            outcome = .done
        case .simulateFailure(let simulation):
            self.simulation = simulation
            outcome = .done
        case .flush:
            outbox.mustSave(at: now)
            outcome = .done
        }
        sendWhenDurable(.outcome(query, outcome))
    }

    mutating func announceMonitor(_ group: Int, _ effects: inout [DropInEffect]) {
        let quorum = groups[group].settings.quorum
        announce(.monitor, server: 0, of: group, " quorum \(quorum)", &effects)
    }

    private mutating func monitor(
        _ name: String, _ place: Place, quorum: Int, _ effects: inout [DropInEffect]
    ) -> OrderOutcome {
        guard group(named: name) == nil else { return .refused(.duplicateName) }
        var settings = MasterSettings(name: name, quorum: quorum)
        settings.downAfter = periods[.defaultDownAfter]
        settings.failoverTimeout = periods[.defaultFailoverTimeout]
        if let address = place.address { names.answer(place.host, address) }
        let group = addGroup(settings, primary: place)
        outbox.mustSave(at: now)
        announceMonitor(group, &effects)
        return .done
    }

    private mutating func remove(
        _ name: String, _ effects: inout [DropInEffect]
    ) -> OrderOutcome {
        guard let group = group(named: name) else { return .refused(.unknownMaster) }
        announce(.removed, server: 0, of: group, "", &effects)
        removeGroup(group, &effects)
        outbox.mustSave(at: now)
        return .done
    }

    private mutating func reset(
        _ pattern: String, _ effects: inout [DropInEffect]
    ) -> OrderOutcome {
        var count = 0
        for group in groups.indices where matches(pattern, groups[group].settings.name) {
            removeReplicas(group, &effects)
            removePeers(group, &effects)
            resetPrimary(group, to: groups[group].servers[0].place, &effects)
            announce(.reset, server: 0, of: group, "", &effects)
            count += 1
        }
        if count > 0 { stateChanged() }
        return .reset(count: count)
    }

    private mutating func failOver(
        _ name: String, isCoordinated: Bool, _ effects: inout [DropInEffect]
    ) -> OrderOutcome {
        guard let group = group(named: name) else { return .refused(.unknownMaster) }
        guard groups[group].failover == .none else { return .refused(.failoverInProgress) }
        guard bestReplica(group) != nil else { return .refused(.noGoodReplica) }
        guard !isCoordinated || groups[group].servers[0].failoverState != nil else {
            return .refused(.primaryLacksFailover)
        }
        announce(.remark, "Executing user requested FAILOVER of '\(name)'", &effects)
        groups[group].isCoordinated = isCoordinated
        startFailover(group, isForced: !isCoordinated, &effects)
        if !isTilted { advanceFailover(group, &effects) }
        return .done
    }

    // MARK: SENTINEL SET

    private mutating func set(
        _ name: String, _ options: [MasterOption], _ effects: inout [DropInEffect]
    ) -> OrderOutcome {
        guard let group = group(named: name) else { return .refused(.unknownMaster) }
        for option in options {
            apply(option, group)
            if option.changesLogin { dropServerLinks(group, &effects) }
            announce(.set, server: 0, of: group, " \(option.text)", &effects)
        }
        outbox.mustSave(at: now)
        return .done
    }

    private mutating func apply(_ option: MasterOption, _ group: Int) {
        switch option {
        case .downAfter(let interval):
            groups[group].settings.downAfter = min(interval, Rhythm.longest)
        case .failoverTimeout(let interval):
            groups[group].settings.failoverTimeout = min(interval, Rhythm.longest)
        case .parallelSyncs(let count): groups[group].settings.parallelSyncs = count
        case .quorum(let quorum): groups[group].settings.quorum = quorum
        case .notificationScript(let path): groups[group].settings.notificationScript = path
        case .clientReconfigScript(let path): groups[group].settings.clientReconfigScript = path
        case .authPassword(let password): groups[group].settings.authPassword = password
        case .authUser(let user): groups[group].settings.authUser = user
        case .rebootDownAfter(let interval): groups[group].settings.rebootDownAfter = interval
        case .renamedCommand(let command):
            let original = command.original.lowercased()
            groups[group].settings.renamedCommands.removeAll {
                $0.original.lowercased() == original
            }
            if command.renamed.lowercased() != original {
                groups[group].settings.renamedCommands.append(command)
            }
        }
    }

    private mutating func dropServerLinks(_ group: Int, _ effects: inout [DropInEffect]) {
        for server in groups[group].servers { dropLinks(server.connection, &effects) }
    }

    // MARK: SENTINEL CONFIG SET

    private mutating func configure(_ option: GlobalOption, _ effects: inout [DropInEffect]) {
        switch option {
        case .resolvesHostnames(let resolves): globals.resolvesHostnames = resolves
        case .announcesHostnames(let announces): globals.announcesHostnames = announces
        case .announceHost(let host): globals.announceHost = host
        case .announcePort(let port): globals.announcePort = port
        case .sentinelUser(let user):
            globals.sentinelUser = user
            dropPeerLinks(&effects)
        case .sentinelPassword(let password):
            globals.sentinelPassword = password
            dropPeerLinks(&effects)
        }
    }

    private mutating func dropPeerLinks(_ effects: inout [DropInEffect]) {
        for group in groups.indices {
            for peer in groups[group].peers { dropLinks(peer.connection, &effects) }
        }
    }
}

extension MasterOption {
    /// Whoever logs in otherwise must connect anew.
    fileprivate var changesLogin: Bool {
        switch self {
        case .authPassword, .authUser: true
        case .downAfter, .failoverTimeout, .parallelSyncs, .quorum, .notificationScript,
            .clientReconfigScript, .renamedCommand, .rebootDownAfter:
            false
        }
    }

    /// As `+set` shows it.
    fileprivate var text: String {
        switch self {
        case .downAfter(let interval): "down-after-milliseconds \(interval.milliseconds)"
        case .failoverTimeout(let interval): "failover-timeout \(interval.milliseconds)"
        case .parallelSyncs(let count): "parallel-syncs \(count)"
        case .quorum(let quorum): "quorum \(quorum)"
        case .notificationScript(let path): "notification-script \(path ?? "")"
        case .clientReconfigScript(let path): "client-reconfig-script \(path ?? "")"
        case .authPassword: "auth-pass ******"
        case .authUser(let user): "auth-user \(user ?? "")"
        case .renamedCommand(let command):
            "rename-command \(command.original) \(command.renamed)"
        case .rebootDownAfter(let interval):
            "master-reboot-down-after-period \(interval.milliseconds)"
        }
    }
}
