public import Addressing
import Glibc
public import MonotonicTime

/// Python's redis client in plain mode, with all its defaults, writing one numbered key after
/// another through an address and telling how long each call took.
public final class RedisPyWriter: Sendable {
    /// One call of `Redis.set`.
    public struct Call: Equatable, Sendable {
        /// From 1.
        public let number: Int
        /// When it was made.
        public let begin: Instant
        /// When it returned or raised.
        public let end: Instant
        /// `OK`, or the name of the exception that it raised.
        public let outcome: String

        /// How long the caller waited.
        public var length: Interval { end - begin }
    }

    private let program: Program

    /// The interpreter that knows redis-py.
    public static let interpreter: String? = interpreter(knowing: "redis")

    /// The interpreter that knows a module: the environment's `BATON_PYTHON`, `.build/python` of
    /// the repository, or the system's; `nil` when none does.
    public static func interpreter(knowing module: String) -> String? {
        let named = getenv("BATON_PYTHON").map { String(cString: $0) }
        let built = BatonExecutable.firstAbove(
            BatonExecutable.directoryOfThisProgram, holding: ".build/python/bin/python")
        return [named, built, "/usr/bin/python3"].compactMap { $0 }.first {
            knows(module, $0)
        }
    }

    private static func knows(_ module: String, _ python: String) -> Bool {
        guard Files.executable(python) != nil, let null = try? Pipe() else { return false }
        defer {
            close(null.readEnd)
            close(null.writeEnd)
        }
        let child = try? Spawn(
            executable: python, arguments: ["-c", "import \(module)"],
            standardOutput: null.writeEnd
        ).start()
        guard let child else { return false }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status == 0
    }

    /// Who ends a call to which no answer comes.
    public enum Timeouts: String, Sendable {
        /// Whatever this version of redis-py does unasked: 5 s in the newest, none in older ones.
        case defaults
        /// Nobody but TCP.
        case none
    }

    /// Starts to write from inside a host, every 5 ms.
    public init(
        on host: Host, target: Endpoint, password: String, keyPrefix: String = "baton:python:",
        timeouts: Timeouts = .defaults
    ) throws(LaboratoryError) {
        guard let interpreter = Self.interpreter else {
            throw .unavailable([.programMissing("python3 with redis-py")])
        }
        program = try host.launch(
            interpreter,
            [
                "-u", "-c", Self.script, "\(target.address)", "\(target.port)", password, keyPrefix,
                timeouts.rawValue,
            ], name: "redis-py")
    }

    /// The client is made as its first page of documentation makes it, and told nothing of
    /// Sentinel or retries. `monotonic_ns` is the clock of ``Laboratory/now``.
    private static let script = """
        import sys, time, redis
        host, port, password, prefix, timeouts = sys.argv[1:]
        options = {"socket_timeout": None, "socket_connect_timeout": None}
        client = redis.Redis(
            host=host, port=int(port), password=password,
            **(options if timeouts == "none" else {}))
        number = 0
        while True:
            number += 1
            begin = time.monotonic_ns()
            try:
                client.set(prefix + str(number), number)
                outcome = "OK"
            except redis.RedisError as error:
                outcome = type(error).__name__
            end = time.monotonic_ns()
            print(number, begin, end, outcome)
            time.sleep(max(0, 0.005 - (end - begin) / 1e9))
        """

    /// The calls that have ended so far, oldest first.
    public var calls: [Call] {
        program.output.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 4, let number = Int(words[0]), let begin = Int64(words[1]),
                let end = Int64(words[2])
            else { return nil }
            return Call(
                number: number, begin: Instant(nanoseconds: begin),
                end: Instant(nanoseconds: end), outcome: String(words[3]))
        }
    }

    /// Waits for a call that began after `moment` to succeed; `false` when none has within
    /// `limit`.
    public func waitForSuccess(after moment: Instant, atMost limit: Interval) -> Bool {
        let deadline = Laboratory.now + limit
        while Laboratory.now < deadline {
            if calls.contains(where: { $0.begin > moment && $0.outcome == "OK" }) { return true }
            usleep(20_000)
        }
        return false
    }

    /// Ends the program.
    public func stop() {
        program.kill()
    }
}
