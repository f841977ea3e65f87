/// How a request is treated, known from its command's name alone, or from the name and the argument
/// after it.
public enum CommandClass: UInt8, Equatable, Sendable {
    /// Changes nothing: any server, and another when the first dies.
    case read
    /// Changes nothing either, but tells of the server itself: the primary, where writes go too, so
    /// that a client sees one server in good order.
    case portrait
    /// Changes data: sent on, and never sent twice. On a `read` listener the replica's own
    /// `READONLY` is the answer.
    case write
    /// Neither by its flags: sent on, and never sent twice.
    case other
    /// Its cursor means something to one server only: always the same one.
    case cursor

    /// The argument after the name decides, and nothing is known of that argument.
    case container
    /// Has a connection of its own until it is answered, because it blocks (`BLPOP`, `WAIT`) or
    /// speaks of that connection (`CLIENT INFO`).
    case blocking
    /// Blocks too, and means what its client wrote last: `WAIT`.
    case wait
    /// Ends what holds up a server, or its clients: `SCRIPT KILL`, `CLIENT UNPAUSE`. On its own
    /// connection, since another stands behind what it is to end; without a database, which a busy
    /// server does not let one choose.
    case rescue
    /// Not in the table, or not learnt yet: a connection of its own until it is answered.
    case unknown
    case multi
    /// `EXEC`, `DISCARD`
    case transactionEnd
    case watch
    case unwatch
    /// Changes what its connection is, or what arrives on it: one of its own from then on.
    case exclusive

    case auth
    case hello
    case select
    case reset
    case quit
    /// `CLIENT ID`: a connection of its own from then on, which that is the number of.
    case clientID
    case clientGetName
    case clientSetName
    case clientSetInfo
    case clientMaintenance
    /// `READONLY`, `READWRITE`, `ASKING`: for clusters.
    case cluster

    /// Would change the server behind its manager's back, or turn the connection into something
    /// else.
    case denied
    /// The first word of HTTP: closed without a word, as Redis does, so that no web page can talk
    /// to a server through its reader's browser.
    case http
}
