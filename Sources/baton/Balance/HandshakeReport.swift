import BalancerDriver
import MonotonicTime

/// Says of handshakes that came to nothing, now and then: whoever can reach a port can fail there
/// as often as he likes, and shall not fill a disk with it.
struct HandshakeReport {
    private var told = HandshakeFailures()
    private var quietUntil: Instant?

    /// Between two lines.
    static let pause = Interval.seconds(60)

    /// A sentence about those that no former one was about; `nil` when there are none, or when it
    /// is too soon.
    mutating func sentence(_ failures: HandshakeFailures, at now: Instant) -> String? {
        guard failures != told else { return nil }
        if let quietUntil, now < quietUntil { return nil }
        var parts: [String] = []
        let clients = failures.clientCount &- told.clientCount
        if clients > 0, let reason = failures.lastOfClients {
            parts.append("with \(clients == 1 ? "a client" : "\(clients) clients"): \(reason)")
        }
        let servers = failures.serverCount &- told.serverCount
        if servers > 0, let reason = failures.lastOfServers {
            parts.append("with a server, \(servers)x: \(reason)")
        }
        told = failures
        guard !parts.isEmpty else { return nil }
        quietUntil = now + Self.pause
        return "no TLS came about " + parts.joined(separator: "; and ")
    }
}
