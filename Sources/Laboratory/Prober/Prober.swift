public import Addressing
import Glibc
public import MonotonicTime

/// Asks every host again and again for an address, and notes who answers: an ARP request and a SYN
/// to each host's hardware address, every 10 ms.
///
/// It sits at the switch's end of each host's cable. There it hears a host also when nobody else
/// does, since everything that cuts a host off (but for the pulled plug, which silences it) does so
/// behind that place: what counts is whose kernel answers, not who can hear it.
public final class Prober: Sendable {
    private struct Progress: Sendable {
        var log = AnswerLog()
        var isFinished = false
    }

    private let interruption = Interruption()
    private let progress = Shared(Progress())

    /// From one round of probes to the next.
    public static let period = Interval.milliseconds(10)

    /// Begins at once; ends at the latest when the laboratory closes.
    public init(
        _ hosts: [Host], in laboratory: Laboratory, for address: IPv4Address = Plan.writeAddress,
        port: UInt16 = 6_379
    ) throws(LaboratoryError) {
        let frames = ProbeFrames(address: address, port: port)
        var probed: [ProbedHost] = []
        for host in hosts {
            guard let hardware = host.hardwareAddress(on: .external) else { throw .closed }
            let socket = try laboratory.openPort(of: host, on: .external)
            probed.append(ProbedHost(host.name, hardware, socket, frames))
        }
        let (made, interruption, progress) = (probed, interruption, progress)
        hosts[0].start(until: interruption) {
            hurryThread()
            var rounds = ProbeRounds(hosts: made)
            while !interruption.isInterrupted {
                let found = rounds.next()
                progress.with { progress in
                    progress.log.answers += found
                    progress.log.longestBlindness = rounds.longestBlindness
                }
            }
            made.forEach { $0.socket.close() }
            progress.with { $0.isFinished = true }
        }
    }

    /// What was seen so far.
    public var log: AnswerLog {
        progress.with { $0.log }
    }

    /// Waits until a host has answered a probe that was sent at or after `moment`; `nil` when none
    /// of these has within `limit`.
    public func waitForAnswer(
        of names: [String], since moment: Instant, atMost limit: Interval
    ) -> AnswerLog.Answer? {
        progress.wait(until: Laboratory.now + limit) { progress -> AnswerLog.Answer? in
            let last = progress.log.answers.suffix(Self.recentCount)
            return last.first { names.contains($0.host) && $0.sent >= moment }
        }
    }

    /// More than come in one round.
    private static let recentCount = 64

    /// Ends the probing and returns what was seen.
    @discardableResult
    public func stop() -> AnswerLog {
        interruption.interrupt()
        return progress.wait { $0.isFinished ? $0.log : nil }!
    }
}

/// The prober's thread: sends, then listens until it is time to send again.
private struct ProbeRounds {
    var hosts: [ProbedHost]
    private(set) var longestBlindness = Interval.zero
    private var number: UInt16 = 0
    private var lastRound: Instant?

    init(hosts: [ProbedHost]) {
        self.hosts = hosts
    }

    mutating func next() -> [AnswerLog.Answer] {
        let begin = Laboratory.now
        if let lastRound { longestBlindness = max(longestBlindness, begin - lastRound) }
        lastRound = begin
        number &+= 1
        for index in hosts.indices { hosts[index].probe(number) }
        var answers: [AnswerLog.Answer] = []
        while true {
            for index in hosts.indices { answers += hosts[index].listen() }
            let left = begin + Prober.period - Laboratory.now
            guard left > .zero else { return answers }
            var polled = hosts.map {
                pollfd(fd: $0.socket.descriptor, events: Int16(POLLIN), revents: 0)
            }
            // Rounded up: a round may be a millisecond late, but must not spin.
            poll(&polled, nfds_t(polled.count), Int32((left.nanoseconds + 999_999) / 1_000_000))
        }
    }
}

/// One host, as the prober knows it.
private struct ProbedHost: Sendable {
    /// A probe that was sent, and which answers are still to come.
    private struct Probe: Sendable {
        var sent: Instant
        var awaitsReply = true
        var awaitsSynAck = true
    }

    let name: String
    let hardware: MACAddress
    let socket: PortSocket
    private let frames: ProbeFrames
    private var probes: [UInt16: Probe] = [:]
    private var lastSilence: Instant
    private var buffer = [UInt8](repeating: 0, count: 2_048)

    init(_ name: String, _ hardware: MACAddress, _ socket: PortSocket, _ frames: ProbeFrames) {
        self.name = name
        self.hardware = hardware
        self.socket = socket
        self.frames = frames
        lastSilence = Laboratory.now
    }

    mutating func probe(_ number: UInt16) {
        probes[number] = Probe(sent: Laboratory.now)
        socket.send(frames.question(number, to: hardware))
        socket.send(frames.syn(number, to: hardware))
    }

    /// Reads all that has come. `lastSilence` is a moment at which nothing was unread.
    mutating func listen() -> [AnswerLog.Answer] {
        var answers: [AnswerLog.Answer] = []
        var beforeRead = Laboratory.now
        while let count = socket.receive(into: &buffer) {
            if let meaning = frames.meaning(of: buffer[..<count], from: hardware),
                let answer = take(meaning)
            {
                answers.append(answer)
            }
            beforeRead = Laboratory.now
        }
        lastSilence = beforeRead
        return answers
    }

    private mutating func take(_ meaning: ProbeFrames.Meaning) -> AnswerLog.Answer? {
        switch meaning {
        case .arpReply(let number):
            guard let probe = probes[number], probe.awaitsReply else { return nil }
            probes[number]?.awaitsReply = false
            return answer(.arpReply, sent: probe.sent)
        case .synAck(let number, let acknowledgement):
            socket.send(frames.reset(number, to: hardware, sequence: acknowledgement))
            guard let probe = probes[number], probe.awaitsSynAck else { return nil }
            probes[number]?.awaitsSynAck = false
            return answer(.synAck, sent: probe.sent)
        case .claim:
            return answer(.claim, sent: lastSilence)
        case .question(let asker, let address):
            socket.send(frames.reply(to: asker, address))
            return nil
        }
    }

    private func answer(_ kind: AnswerLog.Kind, sent: Instant) -> AnswerLog.Answer {
        AnswerLog.Answer(host: name, kind: kind, sent: sent, received: Laboratory.now)
    }
}

extension Laboratory {
    /// The switch's end of a host's cable.
    func openPort(
        of host: Host, on network: Plan.Network
    ) throws(LaboratoryError) -> PortSocket {
        guard let made = switches.first(where: { $0.network == network }) else {
            throw .needsNamespaces(operation: "probe")
        }
        return try made.openPort(host.name)
    }
}
