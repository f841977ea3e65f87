import MonotonicTime
import SentinelCore

/// Another Sentinel, as one group knows it.
struct Peer: Sendable {
    let id: RunID
    var place: Place
    let connection: Int
    var condition = Condition()
    /// When its last hello came; at first, when it became known.
    var lastHelloHeard: Instant
    /// When a hello was last published to it.
    var lastHello: Instant?
    /// Its last opinion, until that is too old.
    var seesDown = false
    var lastAnswer: Instant?
    var lastQuestion: Instant?
    /// Whom it voted for, by its last answer to a request for a vote.
    var leader: RunID?
    var leaderEpoch: Epoch = 0

    init(id: RunID, place: Place, connection: Int, at now: Instant) {
        self.id = id
        self.place = place
        self.connection = connection
        lastHelloHeard = now
    }
}
