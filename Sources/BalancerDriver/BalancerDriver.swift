public import Addressing
public import BalancerCore
internal import Glibc
internal import Synchronization

/// Serves Redis clients on some endpoints from the servers it is told of: the data path of a
/// group's listeners.
///
/// It decides nothing about servers: whoever watches them reports their health by
/// ``update(servers:writes:)``.
public final class BalancerDriver: Sendable {
    private let mailboxes: [Mailbox]
    private let places: Mutex<[BalancerListener]>

    /// What it listens on, with the ports that the kernel chose where 0 was asked for.
    public var listeners: [BalancerListener] { places.withLock { $0 } }

    /// Binds every endpoint and starts the reactors.
    ///
    /// - Throws: ``BalancerDriverError`` when an endpoint cannot be bound, before any client could
    ///   connect.
    public init(
        listeners wanted: [BalancerListener], security: BalancerSecurity = .init(),
        settings: BalancerDriverSettings = .init()
    ) throws(BalancerDriverError) {
        Self.check(wanted, security)
        var settings = settings
        settings.balancer.clientCountMax = min(
            settings.balancer.clientCountMax,
            DescriptorLimit.clientCountMax(reactorCount: settings.reactorCount))
        let (bound, reactors) = try Self.bind(wanted, reactorCount: max(1, settings.reactorCount))
        places = Mutex(bound)
        var mailboxes: [Mailbox] = []
        for (index, listeners) in reactors.enumerated() {
            let mailbox = try Mailbox()
            mailboxes.append(mailbox)
            try ReactorThread.start(
                listeners: listeners, security: security, mailbox: mailbox, settings: settings,
                index: index)
        }
        self.mailboxes = mailboxes
    }

    private static func check(_ wanted: [BalancerListener], _ security: BalancerSecurity) {
        precondition(
            security.clients != nil || !wanted.contains(where: \.isSecured),
            "a secured listener without a certificate")
    }

    /// A socket for each listener and reactor: all, or none.
    private static func bind(
        _ wanted: [BalancerListener], reactorCount: Int
    ) throws(BalancerDriverError) -> ([BalancerListener], [[ListeningSocket]]) {
        var bound = wanted
        var reactors: [[ListeningSocket]] = []
        do throws(BalancerDriverError) {
            for reactor in 0..<reactorCount {
                reactors.append([])
                for index in bound.indices {
                    let number = try SocketCalls.listen(on: bound[index].endpoint)
                    bound[index].endpoint.port = SocketCalls.port(of: number)
                    reactors[reactor].append(
                        ListeningSocket(descriptor: number, listener: bound[index]))
                }
            }
        } catch {
            for socket in reactors.joined() { close(socket.descriptor) }
            throw error
        }
        return (bound, reactors)
    }

    /// Listens on these places from now on, and shares the reads so. Clients of a place that is not
    /// among them any more stay; no other comes. New connections are encrypted with `security`;
    /// those that are there go on as they are.
    ///
    /// - Throws: ``BalancerDriverError`` when a place cannot be bound; nothing has changed then.
    public func change(
        listeners wanted: [BalancerListener], selection: SelectionPolicy,
        security: BalancerSecurity = .init()
    ) throws(BalancerDriverError) {
        Self.check(wanted, security)
        let before = listeners
        let fresh = wanted.filter { !before.contains($0) }
        let (bound, sockets) = try Self.bind(fresh, reactorCount: mailboxes.count)
        let kept = before.filter { wanted.contains($0) }
        places.withLock { $0 = kept + bound }
        for (mailbox, sockets) in zip(mailboxes, sockets) {
            mailbox.post(.change(keeping: kept, adding: sockets, selection, security))
        }
    }

    /// The newest report of every server of the group, and where writes go. Servers that are
    /// missing get no more requests.
    public func update(servers: [ServerReport], writes: WritePlace? = nil) {
        for mailbox in mailboxes { mailbox.post(.servers(servers, writes)) }
    }

    /// A planned move of the writes begins: new ones are held until it is over.
    public func moveAnnounced() {
        for mailbox in mailboxes { mailbox.post(.moveAnnounced) }
    }

    /// The planned move was given up.
    public func moveCalledOff() {
        for mailbox in mailboxes { mailbox.post(.moveCalledOff) }
    }

    /// What all reactors did, at most a tenth of a second old.
    public func statistics() -> BalancerStatistics {
        var sum = BalancerStatistics()
        for mailbox in mailboxes { sum.add(mailbox.statistics) }
        return sum
    }

    /// The handshakes that came to nothing, at most a tenth of a second old.
    public func handshakeFailures() -> HandshakeFailures {
        var sum = HandshakeFailures()
        for mailbox in mailboxes { sum.add(mailbox.failures) }
        return sum
    }

    /// These addresses are another host's in so many seconds: clients that came by one of them and
    /// asked to be told are, and come back within half of that.
    public func depart(from addresses: [IPAddress], within seconds: Int) {
        for mailbox in mailboxes { mailbox.post(.depart(from: addresses, seconds: seconds)) }
    }

    /// Who connects to one of these addresses gets no answer from now on, and asks again within a
    /// second or so, as kernels do: by then another host has the address.
    public func ignoreNewcomers(at addresses: [IPAddress]) {
        for mailbox in mailboxes { mailbox.post(.ignoreNewcomers(at: addresses)) }
    }

    /// Accepts no more clients, and closes each as soon as nothing is owed to it.
    public func drain() {
        for mailbox in mailboxes { mailbox.post(.drain) }
    }

    /// Closes everything.
    public func stop() {
        for mailbox in mailboxes { mailbox.post(.stop) }
    }

    /// Whether every reactor has ended, after ``drain()`` or ``stop()``.
    public var isOver: Bool { mailboxes.allSatisfy(\.isOver) }
}
