import MonotonicTime
import NodeCore

/// Hosts outside of the cluster that have one group's write address.
struct Strangers: Sendable {
    var count = 0
    /// When the first of those came.
    var since = Moment.zero
}

/// A stranger answers whoever asks for the address, and says when he comes that it is his.
extension World {
    mutating func strangerComes(_ group: Int) {
        if strangers[group].count == 0 { strangers[group].since = now }
        strangers[group].count += 1
        for host in hosts.indices { planStranger(heardBy: host, group: group) }
    }

    /// A host's question has left.
    mutating func strangerAsked(by host: Int, group: Int) {
        if strangers[group].count > 0 { planStranger(heardBy: host, group: group) }
    }

    private mutating func planStranger(heardBy host: Int, group: Int) {
        guard mutation != .overhearsStranger else { return }
        schedule(
            .strangerHeard(host: Int32(host), group: Int32(group), life: hosts[host].life),
            after: random.between(.microseconds(50), .milliseconds(5)))
    }

    mutating func strangerHeard(_ host: Int, group: Int, life: UInt32) {
        guard isDaemon(host, life: life) else { return }
        let occurrence = Occurrence.strangerHeard(
            host: Int32(host), group: Int32(group), life: life)
        guard !waits(occurrence, forDaemonOf: host) else { return }
        deliver(
            .address(
                .claimed(
                    group: Scenario.groupNames[group], by: "02:00:00:00:00:66", isPeer: false)),
            to: host)
    }

    /// For so long a host may rely on a silence.
    private static let silenceMax = Interval.seconds(2)

    /// An address is not taken by a host that could know that a stranger has it. Who has it already
    /// may take it again, and a daemon that was stopped may find the answer too late.
    mutating func checkStranger(on host: Int, group: Int) {
        let isHeld = hosts[host].addresses[group].leasedUntil.map { now < $0 } ?? false
        guard strangers[group].count > 0, !isHeld, now - strangers[group].since > Self.silenceMax,
            now - hosts[host].resumedAt > Self.silenceMax
        else { return }
        verdicts.add(
            .soleHolder, group: group,
            "\(Scenario.name(ofHost: host)) took the address that a stranger answered for")
    }
}
