package import Addressing
package import MonotonicTime

/// Another node: a voter.
package struct PeerNode: Sendable {
    package let name: String
    package let endpoint: Endpoint
    /// Learnt from its first greeting.
    package var id: RunID?
    /// What it last said of its voters and its file.
    package var standing: VoterStanding?
    var link: Link
    var lastPing: Instant?
    /// The youngest of our messages that it has answered, by the time at which it was sent: the
    /// peer was in contact at least until then.
    package var contact: Instant?
    var unansweredSince: Instant?
    var lastTrouble: String?

    package var isConnected: Bool { link.isOpen }
}

/// What a peer said about one group.
package struct PeerView: Sendable {
    /// The newest that it said, asked or unasked.
    package var greeting: Greeting?
    /// Its last greeting that answered one of ours, and when ours left: what it says was true at
    /// that moment or later.
    var answered: (greeting: Greeting, asOf: Instant)?
    /// Since when it is in contact without a gap, by our message whose answer ended the last one.
    /// What it said before may be out of date.
    var contactSince: Instant?
    /// Until when its word counts that the primary is down.
    var seesDownUntil: Instant?
    var lastQuestion: Instant?
    var lastGreeting: Instant?
    /// Silent for longer than the group's `down-after`.
    package var isDown = false
}
