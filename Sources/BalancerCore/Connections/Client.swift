internal import MonotonicTime
internal import RESP

/// One client's connection.
///
///     open ──AUTH, SELECT, HELLO──▶ joining ──the server's word──▶ open
///      │ ▲
///      │ └─ an event of the stage's kind ── settling, throttled, waiting
///      │
///      ├──MULTI, BLPOP, SUBSCRIBE …──▶ pinning ──▶ pinned ──its hold is over──▶ open
///      │                                             └─ lost in a transaction ──▶ voided ──▶ open
///      └──QUIT, a protocol error, its end──▶ ending ──▶ closed
struct Client {
    enum Stage: Equatable {
        /// Its requests are read.
        case open
        /// Its next request is read when every reply has come.
        case settling
        /// Its next request is read when half of its replies have come.
        case throttled
        /// Its next request is read when a connection of its pool has opened, or has room.
        case waiting
        /// It waits to be told whether it is of this pool.
        case joining(pool: Int, Identity.Step)
        /// Its own connection is opening.
        case pinning(Hold)
        /// It has a connection of its own.
        case pinned(Hold)
        /// It is in a transaction that no server knows any more, until it ends that.
        case voided(Void)
        /// Nothing is read any more; it is closed when every reply has come.
        case ending(Farewell)
        /// The driver sends what is left, and tells when it is done.
        case closed
    }

    /// Until when a client keeps its own connection.
    enum Hold: Equatable {
        /// Until every reply has come, or for as long as there is one if the client is numbered.
        case answers
        /// Until every reply has come: it is of no use for anything else.
        case rescue
        /// Until `UNWATCH` or the end of a transaction is answered.
        case watch
        /// Until the end of a transaction is answered.
        case transaction
        /// Until it goes: bytes pass both ways unread.
        case forever
    }

    /// Why a transaction can't be executed.
    enum Void: Equatable {
        /// No connection could be had for it: its `MULTI` is answered as ever, its `EXEC` refused.
        case unbegun
        /// What it watched was lost before it began: its `EXEC` is answered as if a key had
        /// changed.
        case watch
        /// It was lost itself: its `EXEC` is refused, as after any error.
        case transaction
    }

    /// What a client that is closed hears last.
    enum Farewell: Equatable {
        case nothing
        case ok
        case error(RESPError)
    }

    /// Whether the address that it came by is about to be another balancer's.
    enum Passage: Equatable {
        case stays
        /// It is, and the client was not told, or did not ask to be.
        case due
        case told
    }

    /// Whether it takes what is sent to it.
    enum Intake: Equatable {
        case ready
        /// More waits for it than should, since then.
        case full(since: Instant)
    }

    /// What its listener gives.
    let service: Service
    let freshness: Freshness
    /// Whether not every server that is fit to be read from will do.
    let isDemanding: Bool
    /// When its last write was answered, where its reads must show that.
    var wroteAt: Instant?
    var stage = Stage.open
    var intake = Intake.ready
    /// Its identity's.
    var pool: Int
    /// Its requests are on this connection while any are awaited, or while it is its own.
    var upstream = -1
    /// Its own connection while it does not need it; -1 for none.
    var parked = -1
    /// Requests of which the reply is awaited.
    var awaitedCount = 0
    var framer = RequestFramer()
    var persona = Persona()
    /// Whether it has asked for its number, which is that of its own connection: it keeps that one.
    var isNumbered = false
    /// Whether it is told of failovers.
    var isTold = false
    var passage = Passage.stays

    /// Since when its next request has been waiting for a connection; `nil` when none does.
    var heldSince: Instant?
    /// Bytes that wait with it.
    var heldByteCount = 0
    /// Whether it sends no more, as was noticed while it was held.
    var hasHungUp = false
    /// Whether it watched keys on a connection that is lost.
    var isWatchVoid = false

    init(service: Service, freshness: Freshness, pool: Int) {
        self.service = service
        self.freshness = freshness
        isDemanding = freshness != .any
        self.pool = pool
    }

    var isFull: Bool {
        switch intake {
        case .ready: false
        case .full: true
        }
    }
}
