import Addressing
public import DirectiveFile
import MonotonicTime
import SentinelCore

/// Turns a configuration file into a ``Configuration``, or into all that is wrong with it at once.
///
/// Two passes: groups and hosts first, since Sentinel lets options stand before the `monitor` line
/// that they belong to; then everything else.
public struct ConfigurationReader {
    /// Everything that was found, in the order of the file. A problem of line 0 belongs to the
    /// file as a whole.
    public private(set) var problems: [Problem]
    let facts: HostFacts
    var draft = Draft()

    /// Reads `document` for the host of which `facts` tell.
    ///
    /// - Returns: the configuration unless a problem is an error.
    public static func read(
        _ document: Document, facts: HostFacts
    ) -> (configuration: Configuration?, problems: [Problem]) {
        var reader = ConfigurationReader(problems: document.problems, facts: facts)
        let directives = document.directives
        for directive in directives { reader.readFirst(directive) }
        for directive in directives { reader.readSecond(directive) }
        let configuration = reader.finish()
        let problems = reader.problems.sorted {
            ($0.line == 0 ? Int.max : $0.line, $0.column)
                < ($1.line == 0 ? Int.max : $1.line, $1.column)
        }
        let isSound = !problems.contains { $0.severity == .error }
        return (isSound ? configuration : nil, problems)
    }

    /// The files of which ``HostFacts/files`` must tell, as far as `document` names any.
    public static func filesNamed(in document: Document) -> [String] {
        document.directives.compactMap { directive in
            let words = directive.words.map(\.text)
            switch words.prefix(2).map({ $0.lowercased() }) {
            case ["sentinel", "notification-script"], ["sentinel", "client-reconfig-script"]:
                return words.count == 4 ? words[3] : nil
            case ["baton", "secret-file"]:
                return words.count == 3 ? words[2] : nil
            default:
                return nil
            }
        }
    }

    private init(problems: [Problem], facts: HostFacts) {
        self.problems = problems
        self.facts = facts
    }

    /// What is collected on the way, with the words that positions are taken from.
    struct Draft {
        struct Group {
            var word: Directive.Word
            var quorumWord: Directive.Word
            var primaryWord: Directive.Word
            var writeWord: Directive.Word?
            var group: Configuration.Group
        }

        struct Host {
            var word: Directive.Word
            var host: Configuration.Host
        }

        var groups: [Group] = []
        var hosts: [Host] = []
        var secret: Configuration.Secret?
        var port: UInt16 = 26379
        var bind: [IPAddress] = []
        var directory: String?
        var logFile: String?
        var logFormat = Configuration.LogFormat.sentinel
        var logLevel = Announcement.Level.notice
        var daemonizes = false
        var pidFile: String?
        var stateFile: String?
    }

    // MARK: Saying what is wrong

    mutating func refuse(_ word: Directive.Word, _ message: String) {
        problems.append(Problem(line: word.line, column: word.column, message: message))
    }

    mutating func warn(_ word: Directive.Word, _ message: String) {
        problems.append(
            Problem(line: word.line, column: word.column, severity: .warning, message: message))
    }

    mutating func refuseFile(_ message: String) {
        problems.append(Problem(line: 0, column: 0, message: message))
    }

    /// "unknown X; did you mean Y?"
    mutating func refuseUnknown(
        _ what: String, _ word: Directive.Word, among candidates: [String]
    ) {
        if let near = nearestSpelling(of: word.text, among: candidates) {
            refuse(word, "unknown \(what) '\(word.text)'; did you mean '\(near)'?")
        } else {
            refuse(word, "unknown \(what) '\(word.text)'")
        }
    }

    // MARK: Reading words

    mutating func integer(
        _ word: Directive.Word, in range: ClosedRange<Int>, _ what: String
    ) -> Int? {
        guard let value = Int(word.text), range.contains(value) else {
            refuse(
                word,
                "'\(word.text)' is not \(what): a number from \(range.lowerBound) to "
                    + "\(range.upperBound) is needed")
            return nil
        }
        return value
    }

    mutating func yesOrNo(_ word: Directive.Word) -> Bool? {
        switch word.text.lowercased() {
        case "yes": return true
        case "no": return false
        default:
            refuse(word, "'\(word.text)' must be 'yes' or 'no'")
            return nil
        }
    }

    mutating func address(_ word: Directive.Word) -> IPAddress? {
        if let address = IPAddress(word.text) { return address }
        refuse(
            word,
            "'\(word.text)' is not an IPv4 or IPv6 address (host names are not resolved yet)")
        return nil
    }

    /// The draft of the group that `word` names.
    mutating func group(_ word: Directive.Word) -> Int? {
        if let index = draft.groups.firstIndex(where: { $0.word.text == word.text }) {
            return index
        }
        let names = draft.groups.map(\.word.text)
        if let near = nearestSpelling(of: word.text, among: names) ?? names.first {
            refuse(
                word,
                "group '\(word.text)' is not monitored; did you mean '\(near)'? (A group needs "
                    + "a `sentinel monitor` line.)")
        } else {
            refuse(
                word,
                "group '\(word.text)' is not monitored: no `sentinel monitor` line names it")
        }
        return nil
    }

    /// True when the directive has as many arguments as `usage` shows.
    mutating func hasArity(_ directive: Directive, _ counts: ClosedRange<Int>, _ usage: String)
        -> Bool
    {
        let count = directive.words.count
        if counts.contains(count) { return true }
        let place = directive.words[min(count - 1, counts.upperBound)]
        refuse(
            place,
            count < counts.lowerBound
                ? "too few words; it is written: \(usage)"
                : "too many words from here on; it is written: \(usage)")
        return false
    }
}
