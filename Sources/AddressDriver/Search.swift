internal import Addressing
internal import MonotonicTime
internal import NodeCore
internal import SentinelCore

/// The search for a write address at its holder, from another host of the network.
struct Search: Sendable {
    let epoch: Epoch
    /// The holder's own address.
    let holder: IPAddress
    let report: @Sendable (AddressEvent) -> Void

    /// Since the first question; `nil` before it.
    private var since: Instant?
    private var questions = 0
    private var answering: MACAddress?
    private var holderHardware: MACAddress?

    /// Whoever does not answer within this is not there, or not reached.
    static let patience = Interval.seconds(1)

    init(
        epoch: Epoch, holder: IPAddress, report: @escaping @Sendable (AddressEvent) -> Void
    ) {
        self.epoch = epoch
        self.holder = holder
        self.report = report
    }

    /// When both are to be asked for again: 10, 20, 40 ms after the first time and so on, because
    /// the holder may have told of the address before its kernel answers.
    var nextQuestion: Instant? {
        since.map { $0 + .milliseconds(10 << min(max(questions - 1, 0), 10)) }
    }

    mutating func asked(at now: Instant) {
        since = since ?? now
        questions += 1
    }

    /// Somebody says that an address is his.
    mutating func heard(_ word: NeighbourWord, sought address: IPAddress) {
        guard since != nil else { return }
        if word.address == address { answering = word.hardware }
        if word.address == holder { holderHardware = word.hardware }
    }

    /// What came of it; `nil` while it goes on.
    func outcome(at now: Instant) -> Sighting? {
        guard let since else { return nil }
        let isFound = answering != nil && answering == holderHardware
        guard isFound || now - since >= Self.patience else { return nil }
        return Sighting(
            answering: answering?.description, holder: holderHardware?.description,
            after: now - since)
    }
}
