internal import CLinux
internal import Glibc

/// A netlink socket on which requests are made and answered, one at a time.
///
/// The kernel handles a request inside the send, so an acknowledgement is there when the send
/// returns. The socket belongs to the network namespace of the thread that opened it.
struct NetlinkSession: ~Copyable {
    /// The kernel fills datagrams of a dump up to 32 KB; twice that never truncates.
    private static let datagramLengthMax = 65_536
    /// A kernel that keeps an answer longer is stuck; the caller must learn of it.
    private static let answerLimitSeconds = 3
    /// Lists (NLM_F_DUMP_INTR) that change during each of so many attempts are given up.
    private static let dumpAttemptsMax = 8

    private let descriptor: Descriptor
    /// The kernel's number for this socket.
    let port: UInt32
    private var lastSequence: UInt32 = 0

    /// `family` is a NETLINK_ number, as NETLINK_ROUTE.
    init(family: Int32) throws(NetlinkError) {
        let number = socket(AF_NETLINK, clinuxSocketRaw, family)
        guard number >= 0 else { throw .systemCall(name: "socket(AF_NETLINK)", errno: errno) }
        let owned = Descriptor(owning: number)
        port = try NetlinkPort.bind(number)
        descriptor = owned
        var limit = timeval(tv_sec: Self.answerLimitSeconds, tv_usec: 0)
        setsockopt(
            number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        // Wanted, not needed: reasons in words (4.12), and answers that do not echo requests.
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(number, clinuxSocketLevelNetlink, NETLINK_EXT_ACK, &on, size)
        setsockopt(number, clinuxSocketLevelNetlink, NETLINK_CAP_ACK, &on, size)
    }

    /// Sends one request (which must ask for an acknowledgement) and waits for the verdict.
    mutating func perform(
        _ request: MessageWriter, _ operation: String
    ) throws(NetlinkError) {
        let verdicts = try performAll([request], operation)
        if let verdict = verdicts.first, verdict.errno != 0 {
            throw .refused(
                operation: operation, errno: verdict.errno, explanation: verdict.explanation)
        }
    }

    /// Sends requests in one datagram; the verdicts are in the requests' order.
    mutating func performAll(
        _ requests: [MessageWriter], _ operation: String
    ) throws(NetlinkError) -> [Acknowledgement] {
        let first = try send(requests)
        var verdicts: [Acknowledgement?] = Array(repeating: nil, count: requests.count)
        while verdicts.contains(nil) {
            for message in try receive(operation) where Int32(message.type) == NLMSG_ERROR {
                // Answers to what an earlier, failed call asked have other numbers.
                let index = Int(message.sequence &- first)
                guard verdicts.indices.contains(index) else { continue }
                guard let verdict = Acknowledgement(message) else {
                    throw .malformed(operation: operation)
                }
                verdicts[index] = verdict
            }
        }
        return verdicts.compactMap { $0 }
    }

    /// Why an nfnetlink batch took no effect.
    struct BatchRefusal {
        /// Which of the requests was refused, the first if several were; `nil` for the batch as a
        /// whole.
        var index: Int?
        var verdict: Acknowledgement

        func error(_ operation: String) -> NetlinkError {
            NetlinkSession.refusal(verdict, operation)
        }
    }

    /// Sends an nfnetlink batch: all of `requests` take effect in one step, or none does, and what
    /// comes back says why. Each request must ask for an acknowledgement.
    mutating func transact(
        begin: MessageWriter, _ requests: [MessageWriter], end: MessageWriter,
        _ operation: String
    ) throws(NetlinkError) -> BatchRefusal? {
        let first = try send([begin] + requests + [end])
        var refusal: BatchRefusal?
        var answered = 0
        while answered < requests.count {
            for message in try receive(operation) where Int32(message.type) == NLMSG_ERROR {
                let index = message.sequence &- first
                guard index <= UInt32(requests.count) else { continue }
                guard let verdict = Acknowledgement(message) else {
                    throw .malformed(operation: operation)
                }
                // A verdict on the opening message is on the batch as a whole: no permission, or
                // the commit failed. Then nothing took effect, whatever the others say.
                if index == 0 {
                    guard verdict.errno != 0 else { continue }
                    return BatchRefusal(index: nil, verdict: verdict)
                }
                answered += 1
                if verdict.errno != 0, refusal == nil {
                    refusal = BatchRefusal(index: Int(index) - 1, verdict: verdict)
                }
            }
        }
        return refusal
    }

    /// Sends a request for a list and gathers the answers.
    mutating func dump(
        _ request: MessageWriter, _ operation: String
    ) throws(NetlinkError) -> [Message] {
        for _ in 0..<Self.dumpAttemptsMax {
            if let messages = try dumpOnce(request, operation) { return messages }
        }
        throw .unstable(operation: operation)
    }

    /// `nil` when the list changed while it was read.
    private mutating func dumpOnce(
        _ request: MessageWriter, _ operation: String
    ) throws(NetlinkError) -> [Message]? {
        let sequence = try send([request])
        var list: [Message] = []
        var isConsistent = true
        while true {
            for message in try receive(operation) where message.sequence == sequence {
                if message.flags & UInt16(NLM_F_DUMP_INTR) != 0 { isConsistent = false }
                switch Int32(message.type) {
                case NLMSG_ERROR, NLMSG_DONE:
                    // DONE carries an error number as well, since 4.x; older kernels send none.
                    if let verdict = Acknowledgement(message), verdict.errno != 0 {
                        throw Self.refusal(verdict, operation)
                    }
                    return isConsistent ? list : nil
                case NLMSG_NOOP:
                    break
                default:
                    list.append(message)
                }
            }
        }
    }

    private static func refusal(
        _ verdict: Acknowledgement, _ operation: String
    ) -> NetlinkError {
        .refused(operation: operation, errno: verdict.errno, explanation: verdict.explanation)
    }

    /// Sends all in one datagram, numbered upwards; the first one's number is returned.
    private mutating func send(_ requests: [MessageWriter]) throws(NetlinkError) -> UInt32 {
        let first = lastSequence &+ 1
        var datagram: [UInt8] = []
        for request in requests {
            lastSequence &+= 1
            datagram += request.finished(sequence: lastSequence)
            while !datagram.count.isMultiple(of: 4) { datagram.append(0) }
        }
        var sent: Int
        repeat {
            sent = Glibc.send(descriptor.number, datagram, datagram.count, 0)
        } while sent < 0 && errno == EINTR
        guard sent == datagram.count else {
            throw .systemCall(name: "send(AF_NETLINK)", errno: sent < 0 ? errno : EMSGSIZE)
        }
        return first
    }

    private mutating func receive(
        _ operation: String
    ) throws(NetlinkError) -> [Message] {
        switch NetlinkDatagram.receive(descriptor.number, lengthMax: Self.datagramLengthMax) {
        case .bytes(let datagram):
            guard let messages = Message.scan(datagram) else {
                throw .malformed(operation: operation)
            }
            return messages
        case .foreign:
            return []
        case .truncated:
            throw .malformed(operation: operation)
        case .failed(EAGAIN):
            throw .timedOut(operation: operation)
        case .failed(let errno):
            throw .systemCall(name: "recvfrom(AF_NETLINK)", errno: errno)
        }
    }
}

/// One datagram from a netlink socket.
enum NetlinkDatagram {
    case bytes([UInt8])
    /// Not from the kernel: another process may send to us. Never believed.
    case foreign
    case truncated
    case failed(errno: Int32)

    static func receive(_ number: Int32, lengthMax: Int) -> NetlinkDatagram {
        var sender = sockaddr_nl()
        var received = -1
        var failure: Int32 = 0
        let datagram = [UInt8](unsafeUninitializedCapacity: lengthMax) { buffer, count in
            var senderLength = socklen_t(MemoryLayout<sockaddr_nl>.size)
            repeat {
                received = withUnsafeMutablePointer(to: &sender) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        recvfrom(
                            number, buffer.baseAddress, buffer.count, clinuxMessageTruncate, $0,
                            &senderLength)
                    }
                }
            } while received < 0 && errno == EINTR
            failure = errno
            count = max(0, min(received, buffer.count))
        }
        if received < 0 { return .failed(errno: failure) }
        if received > lengthMax { return .truncated }
        return sender.nl_pid == 0 ? .bytes(datagram) : .foreign
    }
}
