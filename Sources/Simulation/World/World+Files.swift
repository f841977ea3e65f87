import MonotonicTime
import SentinelCore

/// The operator changes the file and brings it to the hosts one after another.
extension World {
    mutating func changeFile(_ fault: Fault) {
        let host = max(fault.host, fault.other)
        let next = files[files.count - 1].changed(
            host: host, serverHostCount: scenario.serverHostCount, random: &random)
        files.append(next)
        for host in hosts.indices {
            let delay = random.between(.zero, .seconds(5))
            schedule(.fileArrives(host: Int32(host), version: Int32(next.version)), after: delay)
        }
    }

    /// A host gets the file; its node is started anew with it, or ended where it is listed no more.
    mutating func fileArrives(_ host: Int, version: Int) {
        guard version > hosts[host].file.version else { return }
        guard hosts[host].daemon != .paused else {
            // Nothing can be started anew while it is stopped by a signal.
            let again = Occurrence.fileArrives(host: Int32(host), version: Int32(version))
            return schedule(again, after: .seconds(1))
        }
        record(.file(version: version), host: host)
        let isRunning = hosts[host].daemon == .running
        let isNew = !hosts[host].isListed
        hosts[host].file = files[version]
        disturbedAt = now
        endDaemon(host)
        // A daemon that a fault has ended is started when that fault ends.
        guard isRunning || isNew, hosts[host].isListed, hosts[host].isUp else { return }
        let delay = random.between(.milliseconds(50), .milliseconds(500))
        schedule(.startDaemon(host: Int32(host), boot: hosts[host].boot), after: delay)
    }

    /// Whether these hosts, as bits, are a majority of the voters by every file so far: by
    /// whichever of them the cluster counts, they decide.
    func isMajority(_ part: UInt32) -> Bool {
        files.allSatisfy { file in
            file.hosts.count { part >> UInt32($0) & 1 == 1 } > file.hosts.count / 2
        }
    }

    /// The last file is in force with whom it lists, where it could be: it was the only change.
    func voterComplaint() -> String? {
        guard files.count == 2 else { return nil }
        for host in hosts.indices where hosts[host].isListed {
            guard let known = hosts[host].disk.durable.voters.inForce,
                known.isSame(as: files[1].voters)
            else { return "\(Scenario.name(ofHost: host)) did not count by the new voters" }
        }
        return nil
    }
}
