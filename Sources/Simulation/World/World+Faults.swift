import MonotonicTime
import NodeCore
import SentinelCore

/// What befalls the world, and how it ends.
extension World {
    /// Where the server is that the newest configuration names.
    func primaryServer(of group: Int) -> Int? {
        configurations.newest(of: group).flatMap { serverIndex($0.primary) }
            ?? group * scenario.serverHostCount + scenario.firstPrimaryHost(of: group)
    }

    mutating func beginFault(_ index: Int) {
        if faults[index].aimsAtPrimary, let server = primaryServer(of: faults[index].group) {
            faults[index].host = servers[server].host
            if faults[index].other == faults[index].host {
                faults[index].other = (faults[index].host + 1) % scenario.hostCount
            }
        }
        let fault = faults[index]
        guard !standsStill(fault), !isDoubled(fault) else { return }
        faults[index].isActive = true
        disturbedAt = now
        record(.fault(fault.kind, begins: true), host: fault.host)
        switch fault.kind {
        case .killServer, .hangServer:
            beginServerFault(index)
        case .killNode, .stopNode:
            // A daemon that is asked to end leaves the lease to its next life.
            endDaemon(fault.host)
        case .pauseNode:
            faults[index].life = hosts[fault.host].life
            pauseDaemon(fault.host)
        case .suspendHost:
            standStill(fault.host, .suspended)
        case .stopMachine:
            standStill(fault.host, .stopped)
        case .crashHost:
            losePower(fault.host)
        case .isolateHost, .cutOneWay, .partition:
            changeCuts(of: fault, by: 1)
        case .slowPaths:
            network.slow(fault.host, by: 1)
        case .slowDisk:
            hosts[fault.host].disk.slowdowns += 1
        case .failDisk:
            hosts[fault.host].disk.failures += 1
        case .loseAddress:
            loseAddress(fault.host, group: fault.group)
        case .strangeHost:
            strangerComes(fault.group)
        case .orderFailover, .orderSwitchover:
            orderFailover(fault)
        case .changeVoters:
            changeFile(fault)
        case .pauseGroup:
            orderPause(fault, .pause(for: nil))
        }
        if let duration = fault.duration {
            schedule(.faultEnds(Int32(index)), after: duration)
        }
    }

    private mutating func beginServerFault(_ index: Int) {
        let fault = faults[index]
        let host = fault.host % scenario.serverHostCount
        let server = fault.group * scenario.serverHostCount + host
        faults[index].host = host
        faults[index].life = servers[server].life
        if fault.kind == .hangServer {
            hangServer(server)
        } else {
            endServer(server, losesPower: false)
        }
    }

    mutating func endFault(_ index: Int) {
        let fault = faults[index]
        guard fault.isActive else { return }
        guard !standsStill(fault) else {
            return schedule(.faultEnds(Int32(index)), after: .milliseconds(100))
        }
        faults[index].isActive = false
        disturbedAt = now
        record(.fault(fault.kind, begins: false), host: fault.host)
        switch fault.kind {
        case .killServer:
            startServer(fault.group * scenario.serverHostCount + fault.host)
        case .hangServer:
            wakeServer(fault.group * scenario.serverHostCount + fault.host, life: fault.life)
        case .killNode, .stopNode:
            startDaemon(fault.host)
        case .pauseNode:
            resumeDaemon(fault.host, life: fault.life)
        case .suspendHost, .stopMachine:
            goOn(fault.host)
        case .crashHost:
            regainPower(fault.host)
        case .isolateHost, .cutOneWay, .partition:
            changeCuts(of: fault, by: -1)
        case .slowPaths:
            network.slow(fault.host, by: -1)
        case .slowDisk:
            hosts[fault.host].disk.slowdowns -= 1
        case .failDisk:
            hosts[fault.host].disk.failures -= 1
        case .strangeHost:
            strangers[fault.group].count -= 1
        case .pauseGroup:
            orderPause(fault, .resume)
        case .loseAddress, .orderFailover, .orderSwitchover, .changeVoters:
            break  // It was done at once.
        }
    }

    /// Every fault ends, and those still to come don't come.
    mutating func healEverything() {
        record(.healed)
        // What stands still can't be healed otherwise.
        for host in hosts.indices { goOn(host) }
        for index in faults.indices { endFault(index) }
        disturbedAt = now
    }

    private mutating func changeCuts(of fault: Fault, by change: Int32) {
        for one in hosts.indices {
            for other in hosts.indices where one != other {
                let isCut =
                    switch fault.kind {
                    case .isolateHost: one == fault.host || other == fault.host
                    case .cutOneWay: one == fault.host && other == fault.other
                    case .partition:
                        fault.part >> UInt32(one) & 1 != fault.part >> UInt32(other) & 1
                    case .killServer, .hangServer, .killNode, .stopNode, .pauseNode, .crashHost,
                        .suspendHost, .stopMachine, .slowPaths, .slowDisk, .failDisk, .loseAddress,
                        .strangeHost, .orderFailover,
                        .orderSwitchover, .changeVoters, .pauseGroup:
                        false
                    }
                if isCut { network.cut(from: one, to: other, by: change) }
            }
        }
    }

    private mutating func losePower(_ host: Int) {
        guard hosts[host].isUp else { return }
        hosts[host].isUp = false
        hosts[host].boot += 1
        record(.daemon(.powerLost), host: host)
        for entry in hosts[host].links.reversed() { release(entry.slot) }
        hosts[host].links.removeAll()
        for slot in connections.indices where connections[slot].targetHost == host {
            targetSilenced(slot)
        }
        for index in servers.indices where servers[index].host == host {
            endServer(index, losesPower: true)
        }
        endDaemon(host)
        for group in hosts[host].addresses.indices {
            hosts[host].addresses[group] = SimulatedAddress()
        }
        // Nothing is left of what it could answer for.
        hosts[host].excusedUntil = now
        hosts[host].excusableUntil = now
        isServiceStale = true
    }

    private mutating func regainPower(_ host: Int) {
        guard !hosts[host].isUp else { return }
        hosts[host].isUp = true
        // The new boot's clock has nothing to do with the old one's.
        hosts[host].clock = HostClock(random: &random)
        record(.daemon(.powered), host: host)
        let boot = hosts[host].boot
        for index in servers.indices where servers[index].host == host {
            let delay = random.between(.milliseconds(100), .seconds(2))
            schedule(.startServer(server: Int32(index), boot: boot), after: delay)
        }
        let delay = random.between(.milliseconds(100), .seconds(2))
        schedule(.startDaemon(host: Int32(host), boot: boot), after: delay)
    }

    private mutating func loseAddress(_ host: Int, group: Int) {
        guard hosts[host].addresses[group].isOnInterface else { return }
        hosts[host].addresses[group].isOnInterface = false
        isServiceStale = true
        addressVanished(host, group: group, life: hosts[host].life)
    }

    /// A node hears it at once; one that is stopped, when it goes on.
    mutating func addressVanished(_ host: Int, group: Int, life: UInt32) {
        guard isDaemon(host, life: life) else { return }
        let occurrence = Occurrence.addressVanished(
            host: Int32(host), group: Int32(group), life: life)
        guard !waits(occurrence, forDaemonOf: host) else { return }
        deliver(.address(.vanished(group: Scenario.groupNames[group])), to: host)
    }

    private mutating func orderFailover(_ fault: Fault) {
        guard hosts[fault.host].daemon == .running else { return }
        queryCount += 1
        let query = QueryID(number: queryCount << 16 | 0xFFFF)
        deliver(
            .failoverOrdered(
                query, group: Scenario.groupNames[fault.group],
                FailoverOrder(isCoordinated: fault.kind == .orderSwitchover)), to: fault.host)
    }

    /// On the fault's host, or where a node runs: an operator goes where he can.
    private mutating func orderPause(_ fault: Fault, _ order: PauseOrder) {
        let hosts = (0..<scenario.hostCount).map { (fault.host + $0) % scenario.hostCount }
        let able = hosts.first {
            self.hosts[$0].daemon == .running && self.hosts[$0].disk.failures == 0
        }
        guard let able else { return }
        queryCount += 1
        let query = QueryID(number: queryCount << 16 | 0xFFFF)
        if order == .resume {
            watch[fault.group].pausedSince = nil
            pauseOrders.removeAll { $0.group == fault.group }
        } else {
            pauseOrders.append((query.number, fault.group))
        }
        deliver(
            .pauseOrdered(query, group: Scenario.groupNames[fault.group], order), to: able)
    }
}
