import MonotonicTime
import SentinelCore
import Stage

/// A story in text: a cluster, what is done to it, and behind `----` what its nodes say.
///
///     # A comment.
///     cluster hosts=3 quorum=2 down-after=5000 write-address
///     kill s1                  also: hang, resume, start, with a server (sN)
///     isolate h1               also: heal, crash, with a host (hN); cut h1 h2, join h1 h2
///     stop n1                  also: start; failover n1
///     refuse s2 NOPERM …       its answer to orders; `refuse s2` alone ends it
///     run 10s                  or 500ms, or: run until +promoted-slave by n2
///     ----
///
/// Each line that follows is time in seconds, node, announcement; actions stand between them
/// behind `>`. Identities are replaced by the nodes' names.
struct Dialogue {
    struct Mistake: Error, CustomStringConvertible {
        var description: String
    }

    private var stage = Stage()
    private var said = 0
    private var output: [String] = []

    /// The script, and the text that ought to follow `----`.
    static func split(_ text: String) -> (script: String, expected: String) {
        guard let range = text.firstRange(of: "----\n") else { return (text, "") }
        return (String(text[..<range.lowerBound]), String(text[range.upperBound...]))
    }

    /// What follows `----` when the script is played.
    static func play(_ script: String) throws -> String {
        var dialogue = Dialogue()
        for line in script.split(separator: "\n") where !line.hasPrefix("#") {
            try dialogue.perform(line.split(separator: " ").map(String.init))
        }
        dialogue.finish()
        return dialogue.output.joined(separator: "\n") + "\n"
    }

    private mutating func perform(_ words: [String]) throws {
        guard let verb = words.first else { return }
        switch verb {
        case "cluster":
            try build(words.dropFirst())
        case "run":
            try run(Array(words.dropFirst()))
            listen()
        default:
            output.append("\(Self.seconds(stage.time))      > \(words.joined(separator: " "))")
            try act(verb, Array(words.dropFirst()))
            listen()
        }
    }

    private mutating func build(_ words: ArraySlice<String>) throws {
        var shape = Stage.Shape()
        for word in words {
            let parts = word.split(separator: "=").map(String.init)
            let value = parts.count == 2 ? Int(parts[1]) : nil
            switch (parts[0], value) {
            case ("hosts", let value?): shape.hosts = value
            case ("servers", let value?): shape.servers = value
            case ("quorum", let value?): shape.quorum = value
            case ("down-after", let value?): shape.settings.downAfter = .milliseconds(value)
            case ("parallel-syncs", let value?): shape.settings.parallelSyncs = value
            case ("write-address", nil):
                shape.hasWriteAddress = true
                shape.settings.isLeased = true
            case ("no-evidence", nil): shape.settings.trustsEvidence = false
            default: throw Mistake(description: "no such setting: \(word)")
            }
        }
        stage = Stage(shape)
        stage.settle()
    }

    private func act(_ verb: String, _ words: [String]) throws {
        guard let first = words.first, let kind = first.first,
            let number = Int(first.dropFirst()), (1...stage.shape.hosts).contains(number)
        else { throw Mistake(description: "\(verb) needs s1, h1 or n1") }
        switch (verb, kind) {
        case ("kill", "s"): stage.kill(server: number)
        case ("start", "s"): stage.start(server: number)
        case ("hang", "s"): stage.hang(server: number)
        case ("resume", "s"): stage.resume(server: number)
        case ("refuse", "s"):
            let error = words.dropFirst().joined(separator: " ")
            stage.hosts[number - 1].server?.orderError = error.isEmpty ? nil : error
        case ("isolate", "h"): stage.isolate(host: number)
        case ("heal", "h"): stage.heal(host: number)
        case ("crash", "h"): stage.crash(host: number)
        case ("cut", "h"), ("join", "h"):
            guard words.count == 2, let other = Int(words[1].dropFirst()) else {
                throw Mistake(description: "\(verb) needs two hosts")
            }
            if verb == "cut" { stage.cut(number, other) } else { stage.join(number, other) }
        case ("stop", "n"): stage.stopNode(number)
        case ("start", "n"): stage.startNode(number)
        case ("failover", "n"): stage.orderFailover(on: number)
        case ("switchover", "n"):
            let target = words.count == 2 ? Int(words[1].dropFirst()) : nil
            stage.orderFailover(
                on: number,
                FailoverOrder(target: target.map { Stage.server($0) }, isCoordinated: true))
        default: throw Mistake(description: "no such action: \(verb) \(words)")
        }
    }

    private func run(_ words: [String]) throws {
        if words.first == "until", words.count >= 2 {
            guard let name = Announcement.Name(rawValue: words[1]) else {
                throw Mistake(description: "no such event: \(words[1])")
            }
            let node = words.count == 4 ? Int(words[3].dropFirst()) : nil
            guard stage.run(until: name, by: node) else {
                throw Mistake(description: "\(words[1]) did not come within a minute")
            }
        } else if let word = words.first, word.hasSuffix("ms"), let count = Int(word.dropLast(2)) {
            stage.run(.milliseconds(count))
        } else if let word = words.first, word.hasSuffix("s"), let count = Int(word.dropLast()) {
            stage.run(.seconds(count))
        } else {
            throw Mistake(description: "run needs 10s, 500ms or until EVENT [by nN]")
        }
    }

    /// Writes down what was said since the last time.
    private mutating func listen() {
        for line in stage.log[said...] {
            let text = stage.readable(line.announcement.line)
            output.append("\(Self.seconds(line.at))  n\(line.node)  \(text)")
        }
        said = stage.log.count
    }

    private mutating func finish() {
        let primaries = (1...stage.shape.hosts).filter {
            let server = stage.hosts[$0 - 1].server
            return server?.isRunning == true && server?.isPrimary == true
        }
        var end = "end: primary " + Self.list(primaries, "s")
        if stage.shape.hasWriteAddress { end += ", address at " + Self.list(stage.holders, "h") }
        output.append(end)
    }

    private static func list(_ numbers: [Int], _ prefix: String) -> String {
        numbers.isEmpty ? "none" : numbers.map { "\(prefix)\($0)" }.joined(separator: " ")
    }

    /// Seconds with three decimals, right-aligned.
    private static func seconds(_ interval: Interval) -> String {
        let fraction = String(1000 + interval.milliseconds % 1000).dropFirst()
        let text = "\(interval.milliseconds / 1000).\(fraction)"
        return String(repeating: " ", count: max(0, 7 - text.count)) + text
    }
}
