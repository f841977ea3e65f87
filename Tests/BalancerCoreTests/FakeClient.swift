import RESP

@testable import BalancerCore

/// A client that knows what it has asked, and what it may hear.
struct FakeClient {
    /// One reply that it waits for.
    enum Expectation {
        /// The value of a unique name, as asked by whom the client then is.
        case value(String, isWrite: Bool)
        case select(Int)
        case auth(String)
        case hello(Int)
        case ok
        case queued(String)
        case exec(String)
    }

    var id: ClientID
    let service: Service
    /// Bytes that it has written and that have not arrived.
    var outgoing: [UInt8] = []
    /// Bytes that the core was shown and did not consume.
    var unread: [UInt8] = []
    var isPaused = false
    var isClosed = false
    var isFull = false
    var expected: [Expectation] = []
    private var scanner = ReplyScanner()
    private var received: [UInt8] = []
    private var database = 0
    private var user = "default"
    private var version = 2
    /// Its transaction was not begun.
    private var isAdrift = false
    /// Names of which it was told that the command has not run.
    private(set) var unserved: [String] = []
    private(set) var answeredCount = 0

    init(id: ClientID, service: Service) {
        self.id = id
        self.service = service
    }

    mutating func ask(_ words: String..., expecting expectation: Expectation) {
        RESPEncoder.appendRequest(words, to: &outgoing)
        expected.append(expectation)
    }

    /// Reads what arrives; what is wrong about it, if anything is.
    mutating func hear(_ bytes: ArraySlice<UInt8>) -> String? {
        if isClosed { return "a closed client was sent something" }
        received += bytes
        while true {
            let bytes = received
            guard let scanned = try? scanner.scan(bytes.span.bytes) else {
                return "what arrived is no RESP"
            }
            switch scanned {
            case .needsMore(let consumed):
                received.removeFirst(consumed)
                return nil
            case .value(let value, let consumed):
                received.removeFirst(consumed)
                if let problem = match(value) { return problem }
            }
        }
    }

    private mutating func match(_ value: RESPValue) -> String? {
        guard !expected.isEmpty else { return "a reply to nothing: \(value)" }
        let expectation = expected.removeFirst()
        answeredCount += 1
        if let error = value.errorBytes {
            let text = String(decoding: error, as: UTF8.self)
            if text.hasPrefix("BATON_UNSERVED") || text.hasPrefix("BATON_CROWDED") {
                switch expectation {
                case .value(let name, _): unserved.append(name)
                case .ok: isAdrift = true
                case .select, .auth, .hello, .queued, .exec: break
                }
                return nil
            }
            if text.hasPrefix("BATON_UNSURE") {
                guard case .value(_, isWrite: false) = expectation else { return nil }
                return nil
            }
            if text.hasPrefix("EXECABORT"), case .exec(let name) = expectation {
                unserved.append(name)
                return nil
            }
        }
        switch expectation {
        case .value(let name, _):
            guard let text = value.string, text.hasPrefix(tag(name)) else {
                return "asked \(tag(name)), heard \((value.text ?? "\(value)").prefix(60))"
            }
        case .select(let index):
            if index < 4 { database = index }
            guard (value == .simple("OK")) == (index < 4) else { return "SELECT: \(value)" }
        case .auth(let password):
            let isRight = password == FakeConnection.password
            if isRight { user = "u" }
            guard (value == .simple("OK")) == isRight else { return "AUTH: \(value)" }
        case .hello(let version):
            self.version = version
            guard value.errorBytes == nil else { return "HELLO: \(value)" }
        case .ok:
            isAdrift = false
            guard value == .simple("OK") else {
                return "expected OK, heard \(value.text ?? "")"
            }
        case .queued:
            guard isAdrift || value == .simple("QUEUED") else {
                return "expected QUEUED, heard \(value)"
            }
        case .exec(let name):
            guard isAdrift || value == .array([.bulk(tag(name))]) else { return "EXEC: \(value)" }
        }
        return nil
    }

    private func tag(_ name: String) -> String {
        "\(name):\(database):\(user):\(version)"
    }
}
