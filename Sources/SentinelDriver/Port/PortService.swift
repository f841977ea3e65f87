internal import Addressing
internal import DropInCore
internal import SentinelPort

/// The Sentinel behind a port. Everything is called on the port's event loop, and answers are to
/// be given there, at once or later.
protocol PortService: AnyObject {
    /// Has an order carried out.
    func order(_ order: Order, answer: @escaping (OrderOutcome) -> Void)
    /// Puts a question that may be a request for a vote.
    func ask(_ question: DownQuestion, answer: @escaping (DownAnswer) -> Void)
    /// The first address of a name; `nil`: it has none. Must not block.
    func resolve(_ name: String, answer: @escaping (IPAddress?) -> Void)
    /// Another Sentinel's hello came by the port.
    func receiveHello(_ text: String)
    /// The Sentinel as it is now.
    func portrait() -> NodePortrait
    /// One group of it.
    func portrait(of group: String) -> GroupPortrait?
    /// The scripts that run or wait, in the order of the queue.
    func pendingScripts() -> [PendingScript]
    /// `SENTINEL CONFIG SET loglevel`; the order that saves it follows.
    func setLogLevel(_ level: LogLevel)
    /// To the log, at that level.
    func log(_ level: LogLevel, _ text: String)
    /// A client asked for the end of the process.
    func shutDown()
}
