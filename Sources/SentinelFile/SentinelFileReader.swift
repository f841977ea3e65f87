internal import DirectiveFile
internal import DropInCore

/// Reads a configuration file of redis-sentinel or valkey-sentinel.
///
/// Directives of redis.conf are all accepted; `sentinel` lines are queued and applied once the
/// files are read: what concerns the Sentinel first, then `monitor`, then the rest, so that
/// options may stand before the group that they are about.
public struct SentinelFileReader {
    /// What reading needs of the machine.
    public struct Surroundings {
        /// The files that `include` names, which may be a pattern; an error as the end of a
        /// sentence.
        public var include: (String) -> Result<[(path: String, bytes: [UInt8])], Unreadable>
        /// Whether there is a file that this process may run.
        public var isExecutable: (String) -> Bool

        public init(
            include: @escaping (String) -> Result<[(path: String, bytes: [UInt8])], Unreadable>,
            isExecutable: @escaping (String) -> Bool
        ) {
            self.include = include
            self.isExecutable = isExecutable
        }
    }

    /// Why a file cannot be read.
    public struct Unreadable: Error, Equatable {
        /// The end of a sentence.
        public var reason: String

        public init(_ reason: String) { self.reason = reason }
    }

    /// Problems that are listed; a person repairs the first of them and starts again.
    private static let problemCountMax = 100
    /// Files within files.
    private static let depthMax = 16

    let surroundings: Surroundings
    var configuration = SentinelConfiguration()
    private var queued: [Line] = []
    private(set) var problems: [FileProblem] = []
    private var depth = 0

    /// A directive with the file that it stands in.
    struct Line {
        var path: String
        var directive: Directive
    }

    /// The file's bytes, and directives of the command line as `--name value` gives them. The
    /// configuration is to be used only without problems.
    public static func read(
        _ bytes: [UInt8], path: String, commandLine: [[String]] = [],
        _ surroundings: Surroundings
    ) -> (configuration: SentinelConfiguration, problems: [FileProblem]) {
        var reader = SentinelFileReader(surroundings)
        reader.read(bytes, path)
        // As Redis: the command line's directives are lines behind the file's.
        let text = commandLine.map { words in
            words.enumerated().map { $0 == 0 ? $1 : quoted($1) }.joined(separator: " ") + "\n"
        }
        reader.read(Array(text.joined().utf8), "command line")
        reader.applyQueued()
        reader.configuration.share()
        return (reader.configuration, reader.sortedProblems)
    }

    /// File by file as they were read, each from its first line on.
    private var sortedProblems: [FileProblem] {
        let paths = problems.map(\.path)
        func key(_ problem: FileProblem) -> (Int, Int, Int) {
            (paths.firstIndex(of: problem.path) ?? 0, problem.line, problem.column)
        }
        return problems.sorted { key($0) < key($1) }
    }

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    private mutating func read(_ bytes: [UInt8], _ path: String) {
        let document = Document(reading: bytes)
        for problem in document.problems where problem.severity == .error {
            complain(path, problem.line, problem.column, problem.message)
        }
        for directive in document.directives { take(Line(path: path, directive: directive)) }
    }

    mutating func complain(_ path: String, _ line: Int, _ column: Int, _ message: String) {
        guard problems.count < Self.problemCountMax else { return }
        problems.append(FileProblem(path: path, line: line, column: column, message: message))
    }

    /// At a word of the line; 0 is its name.
    mutating func complain(_ line: Line, _ word: Int, _ message: String) {
        let words = line.directive.words
        let column = words[min(max(0, word), words.count - 1)].column
        complain(line.path, line.directive.line, column, message)
    }

    private mutating func take(_ line: Line) {
        let directive = line.directive
        let words = directive.arguments.map(\.text)
        if let spec = DirectiveSpec.named(directive.name) {
            do throws(DirectiveSpec.Complaint) {
                guard !words.isEmpty else {
                    throw DirectiveSpec.Complaint(word: -1, text: "needs a value")
                }
                configuration.server.set(spec.name, try spec.value(of: words))
            } catch {
                complain(line, error.word + 1, "\(directive.name) \(error.text)")
            }
            return
        }
        switch directive.name {
        case "sentinel": if !words.isEmpty { queued.append(line) }
        case "baton" where words.count == 2: applyOwn(words[0], words[1], line)
        case "include" where words.count == 1: include(words[0], line)
        case "user" where !words.isEmpty:
            configuration.users.append(
                SentinelConfiguration.UserLine(
                    words: words, path: line.path, line: directive.line))
        case "rename-command" where words.count == 2:
            configuration.renamedCommands.append(
                SentinelConfiguration.RenamedCommand(original: words[0], renamed: words[1]))
        case "loadmodule" where !words.isEmpty:
            complain(line, 0, "a Sentinel here loads no modules; remove the line")
        // Redis itself ignores these.
        case "list-max-ziplist-entries", "list-max-ziplist-value", "lua-replicate-commands":
            break
        case _: complain(line, 0, unknown(directive.name))
        }
    }

    private static let ownNames = [
        "announce-switch-early", "retry-at-once", "guard-orders", "evidence",
    ]

    /// Baton's own lines: where it is better than Sentinel, and may be told not to be.
    private mutating func applyOwn(_ name: String, _ value: String, _ line: Line) {
        let name = DirectiveSpec.lowercased(name)
        guard Self.ownNames.contains(name) else {
            return complain(
                line, 1,
                "a Sentinel has baton announce-switch-early, baton retry-at-once,"
                    + " baton guard-orders and baton evidence, and not baton \(name)")
        }
        let word = DirectiveSpec.lowercased(value)
        guard word == "yes" || word == "no" else {
            return complain(line, 2, "baton \(name) must be yes or no")
        }
        switch name {
        case "retry-at-once": configuration.globals.retriesAtOnce = word == "yes"
        case "guard-orders": configuration.guardsOrders = word == "yes"
        case "evidence":
            guard word == "no" else {
                return complain(
                    line, 2,
                    "the end of a server's process counts as evidence under `baton run` alone: real"
                        + " Sentinels have no word for it; write baton evidence no, or nothing")
            }
        case _: configuration.globals.announcesSwitchEarly = word == "yes"
        }
    }

    private func unknown(_ name: String) -> String {
        let known = ["sentinel", "baton", "include", "user", "rename-command"]
        if known.contains(name) { return "wrong number of values for \(name)" }
        let names = known + DirectiveSpec.all.map(\.name)
        let meant = nearestSpelling(of: name, among: names).map { "; was \($0) meant?" } ?? ""
        return "\(name) is no directive\(meant)"
    }

    private mutating func include(_ pattern: String, _ line: Line) {
        guard depth < Self.depthMax else {
            return complain(line, 1, "files include each other more than \(Self.depthMax) deep")
        }
        depth += 1
        defer { depth -= 1 }
        switch surroundings.include(pattern) {
        case .success(let files): for file in files { read(file.bytes, file.path) }
        case .failure(let unreadable): complain(line, 1, "\(pattern) \(unreadable.reason)")
        }
    }

    // MARK: The queue

    private static let globalNames = [
        "announce-ip", "announce-port", "deny-scripts-reconfig", "sentinel-user",
        "sentinel-pass", "current-epoch", "myid", "resolve-hostnames", "announce-hostnames",
    ]

    private mutating func applyQueued() {
        func name(_ line: Line) -> String { DirectiveSpec.lowercased(line.directive.words[1].text) }
        for line in queued where Self.globalNames.contains(name(line)) {
            applyGlobal(name(line), line)
        }
        for line in queued where name(line) == "monitor" { applyMonitor(line) }
        for line in queued where name(line) != "monitor" && !Self.globalNames.contains(name(line)) {
            applyGroupLine(name(line), line)
        }
    }
}

/// A word in double quotes, in the file's grammar.
private func quoted(_ word: String) -> String {
    var text = "\""
    for scalar in word.unicodeScalars {
        if scalar == "\"" || scalar == "\\" { text.unicodeScalars.append("\\") }
        if scalar == "\n" { text += "\\n" } else { text.unicodeScalars.append(scalar) }
    }
    return text + "\""
}
