public import Addressing
import Glibc
public import MonotonicTime
import RESP

/// Writes one numbered key after another through one address, as an ordinary client would, and
/// notes how each write went: what a failover costs, seen from outside.
///
/// After an error it connects anew at once. A number is never written twice, so what the servers
/// hold at the end tells which acknowledged writes they have lost.
public final class Writer: Sendable {
    /// What each attempt is.
    public enum Deed: Equatable, Sendable {
        /// A key of its own, which is never written twice.
        case write
        /// The value of this key, whatever it is: then the log tells how reads went.
        case read(String)
    }

    /// What to write, where, and how often.
    public struct Settings: Sendable {
        public var deed = Deed.write
        /// The write address.
        public var target: Endpoint
        /// Asked before each connection where to write instead, as libraries ask a Sentinel.
        public var locate: (@Sendable () -> Endpoint?)?
        /// The server's password.
        public var password: String?
        /// From the beginning of one write to the beginning of the next.
        public var interval: Interval
        /// For connecting, and for each write; `nil` waits as long as the kernel does.
        public var timeout: Interval?
        /// What keys begin with; the number follows.
        public var keyPrefix: String
        /// When to stop without being asked: every attempt is kept in memory.
        public var attemptsMax: Int

        /// Every 5 ms with a timeout of 200 ms, for at most half an hour.
        public init(
            target: Endpoint, password: String? = RedisSettings.note.password,
            interval: Interval = .milliseconds(5), timeout: Interval? = .milliseconds(200),
            keyPrefix: String = "baton:written:", attemptsMax: Int = 360_000
        ) {
            self.target = target
            self.password = password
            self.interval = interval
            self.timeout = timeout
            self.keyPrefix = keyPrefix
            self.attemptsMax = attemptsMax
        }
    }

    private struct Progress: Sendable {
        var log = WriteLog()
        var isFinished = false
    }

    private let settings: Settings
    private let interruption = Interruption()
    private let progress = Shared(Progress())

    /// Starts to write from inside a host; it stops at the latest when the laboratory closes.
    public init(on host: Host, _ settings: Settings) {
        self.settings = settings
        let (interruption, progress) = (interruption, progress)
        host.start(until: interruption) {
            Self.write(settings, interruption, progress)
            progress.with { $0.isFinished = true }
        }
    }

    private static func write(
        _ settings: Settings, _ interruption: Interruption, _ progress: Shared<Progress>
    ) {
        var client: RedisClient?
        for number in 1...max(settings.attemptsMax, 1) {
            let begin = Laboratory.now
            let outcome = attempt(number, settings, interruption, &client)
            // A write that was given up because we were told to stop says nothing.
            guard outcome != .failed(.interrupted) else { return }
            let attempt = WriteLog.Attempt(
                number: number, begin: begin, end: Laboratory.now, outcome: outcome)
            progress.with { $0.log.attempts.append(attempt) }
            if outcome != .acknowledged { client = nil }
            if interruption.wait(atMost: begin + settings.interval - Laboratory.now) { return }
        }
    }

    private static func attempt(
        _ number: Int, _ settings: Settings, _ interruption: Interruption,
        _ client: inout RedisClient?
    ) -> WriteLog.Outcome {
        do throws(ConnectionFailure) {
            let connected: RedisClient
            if let client {
                connected = client
            } else {
                let target = settings.locate?() ?? settings.target
                let socket = try StreamSocket(
                    to: target, timeout: settings.timeout, interruption: interruption)
                connected = try RedisClient(
                    socket, password: settings.password, timeout: settings.timeout)
                client = connected
            }
            switch settings.deed {
            case .write:
                let reply = try connected.command(
                    "SET", "\(settings.keyPrefix)\(number)", "\(number)")
                return reply == .simple("OK") ? .acknowledged : .refused(reply.text ?? "\(reply)")
            case .read(let key):
                let reply = try connected.command("GET", key)
                return reply.errorBytes == nil ? .acknowledged : .refused(reply.text ?? "\(reply)")
            }
        } catch {
            return .failed(error)
        }
    }

    /// What has been written so far.
    public var log: WriteLog {
        progress.with { $0.log }
    }

    /// The attempts that were made after the first `count`: what is new to somebody who has seen
    /// those.
    public func attempts(after count: Int) -> [WriteLog.Attempt] {
        progress.with { progress in
            // An array of its own: a copy of the whole log would make the next append copy it.
            Array(progress.log.attempts.dropFirst(count))
        }
    }

    /// Whether it has stopped, because it was asked to or has made all its attempts.
    public var isFinished: Bool {
        progress.with { $0.isFinished }
    }

    /// Waits for a write that began after `moment` to be acknowledged; `false` when none was
    /// within `limit`.
    public func waitForAcknowledgement(after moment: Instant, atMost limit: Interval) -> Bool {
        progress.wait(until: Laboratory.now + limit) { progress -> Bool? in
            let last = progress.log.attempts.last { $0.outcome == .acknowledged }
            return last.map { $0.begin > moment } == true ? true : nil
        } ?? false
    }

    /// Waits until the writer has made all its attempts; `false` when it has not within `limit`.
    public func waitUntilFinished(atMost limit: Interval) -> Bool {
        progress.wait(until: Laboratory.now + limit) { $0.isFinished ? true : nil } ?? false
    }

    /// Stops, also in the middle of a write, and returns the whole log.
    @discardableResult
    public func stop() -> WriteLog {
        interruption.interrupt()
        return progress.wait { $0.isFinished ? $0.log : nil }!
    }

    /// The numbers of acknowledged writes that a server does not hold: lost, if it is the final
    /// primary.
    public func lost(on client: RedisClient) throws(ConnectionFailure) -> [Int] {
        let numbers = log.acknowledged.map(\.number)
        var lost: [Int] = []
        for start in stride(from: 0, to: numbers.count, by: Self.batchCount) {
            let batch = numbers[start..<min(start + Self.batchCount, numbers.count)]
            let reply = try client.command(["MGET"] + batch.map { "\(settings.keyPrefix)\($0)" })
            guard let values = reply.elements, values.count == batch.count else {
                throw .unexpectedReply("\(reply)")
            }
            lost += zip(batch, values).filter { $1.string != "\($0)" }.map(\.0)
        }
        return lost
    }

    /// Keys asked for at once: few enough that the server answers nobody else late.
    private static let batchCount = 500
}
