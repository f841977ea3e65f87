public import DropInCore
public import RESP

/// What the port wants done, in this order.
public enum PortEffect: Equatable, Sendable {
    /// Send this to a client, in the bytes of that version.
    case send(PortClient.ID, RESPValue, RESPVersion)
    /// Close a client's connection once all that was sent before has left.
    case close(PortClient.ID)
    /// Answer by ``Port/answer(_:_:to:)``.
    case order(Order, Ticket)
    /// Answer by ``Port/answer(_:_:to:)-(Ticket,DownAnswer,_)``.
    case ask(DownQuestion, Ticket)
    /// Find a name's first address; answer by ``Port/resolved(_:_:to:)``.
    case resolve(String, Ticket)
    /// Another Sentinel's hello.
    case hello(String)
    /// `SENTINEL CONFIG SET loglevel`.
    case setLogLevel(LogLevel)
    /// `ACL SAVE`: write this text to the file of users; answer by ``Port/saved(_:_:to:)``.
    case saveUsers(String, Ticket)
    /// `ACL LOAD`: read the file of users; answer by ``Port/loaded(_:_:to:)``.
    case loadUsers(Ticket)
    /// `SHUTDOWN`: end the process.
    case shutDown
    /// Write a line to the log.
    case log(LogLevel, String)
}

/// What an answer from behind the port is for.
public struct Ticket: Hashable, Sendable {
    let number: Int
}

/// Sentinel's levels of its log, the chattiest first.
public enum LogLevel: String, CaseIterable, Sendable {
    case debug, verbose, notice, warning, nothing
}
