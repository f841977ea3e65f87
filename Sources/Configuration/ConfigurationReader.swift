import Addressing
public import DirectiveFile
import LeaseCore
import MonotonicTime
import SecurityTerms
import SentinelCore

/// Turns a configuration file into a ``Configuration``, or into all that is wrong with it at once.
///
/// Two passes: groups and hosts first, since Sentinel lets options stand before the `monitor` line
/// that they belong to; then everything else.
public struct ConfigurationReader {
    /// Everything that was found, in the order of the file. A problem of line 0 belongs to the
    /// file as a whole.
    public private(set) var problems: [Problem]
    /// `nil` where nothing is known of the host; then nothing is checked against it.
    let facts: HostFacts?
    /// The host's name, where it does not find itself by its addresses.
    let hostName: String?
    var draft = Draft()

    /// Reads `document` for the host of which `facts` tell.
    ///
    /// - Returns: the configuration unless a problem is an error.
    public static func read(
        _ document: Document, facts: HostFacts
    ) -> (configuration: Configuration?, problems: [Problem]) {
        read(document, facts: facts, hostName: nil)
    }

    /// Reads `document` for the host that it lists as `host`. Without `facts` its networks,
    /// interfaces and files are taken to be as the document wants them.
    ///
    /// - Returns: the configuration unless a problem is an error.
    public static func read(
        _ document: Document, as host: String, facts: HostFacts? = nil
    ) -> (configuration: Configuration?, problems: [Problem]) {
        read(document, facts: facts, hostName: host)
    }

    private static func read(
        _ document: Document, facts: HostFacts?, hostName: String?
    ) -> (configuration: Configuration?, problems: [Problem]) {
        var reader = ConfigurationReader(
            problems: document.problems, facts: facts, hostName: hostName)
        let directives = document.directives
        for directive in directives { reader.readFirst(directive) }
        for directive in directives { reader.readSecond(directive) }
        let configuration = reader.finish()
        let problems = reader.problems.sorted {
            ($0.line == 0 ? Int.max : $0.line, $0.column)
                < ($1.line == 0 ? Int.max : $1.line, $1.column)
        }
        let isSound = !problems.contains { $0.severity == .error }
        return (isSound ? configuration : nil, shortened(problems, to: document.limits))
    }

    /// Nobody reads the hundredth line; what concerns the file as a whole is kept, and so is an
    /// error behind many warnings.
    private static func shortened(_ problems: [Problem], to limits: Limits) -> [Problem] {
        let limit = limits.problemCountMax
        guard problems.count > limit else { return problems }
        var kept = Array(problems[..<limit])
        let rest = problems[limit...]
        if !kept.contains(where: { $0.severity == .error }),
            let error = rest.first(where: { $0.severity == .error })
        {
            kept.append(error)
        }
        kept += rest.filter { $0.line == 0 && !kept.contains($0) }
        if kept.count < problems.count {
            kept.append(
                Problem(
                    line: 0, column: 0,
                    severity: rest.contains { $0.severity == .error } ? .error : .warning,
                    message: "\(problems.count - kept.count) more problems are not listed"))
        }
        return kept
    }

    /// The files of which ``HostFacts/files`` must tell, as far as `document` names any; relative
    /// ones with `dir` before them.
    public static func filesNamed(in document: Document) -> [String] {
        var reader = ConfigurationReader(problems: [], facts: nil, hostName: nil)
        let directives = document.directives
        for directive in directives { reader.readFirst(directive) }
        return directives.compactMap { directive in
            let words = directive.words.map(\.text)
            switch words.prefix(2).map({ $0.lowercased() }) {
            case ["sentinel", "notification-script"], ["sentinel", "client-reconfig-script"]:
                return words.count == 4 ? reader.resolved(words[3]) : nil
            case ["baton", "secret-file"]:
                return words.count == 3 ? reader.resolved(words[2]) : nil
            case let first where securityPaths.contains(first.first ?? ""):
                return words.count == 2 ? reader.resolved(words[1]) : nil
            default:
                return nil
            }
        }
    }

    private init(problems: [Problem], facts: HostFacts?, hostName: String?) {
        self.problems = problems
        self.facts = facts
        self.hostName = hostName
    }

    /// What is collected on the way, with the words that positions are taken from.
    struct Draft {
        struct Group {
            var word: Directive.Word
            var quorumWord: Directive.Word
            var primaryWord: Directive.Word
            var userWord: Directive.Word?
            var writeWord: Directive.Word?
            var readWord: Directive.Word?
            var safetyWord: Directive.Word?
            var routerWord: Directive.Word?
            var listenWords: [(word: Directive.Word, place: Configuration.Listener)] = []
            var group: Configuration.Group
        }

        struct Host {
            var word: Directive.Word
            var host: Configuration.Host
        }

        /// Times in milliseconds, with the last word of the line.
        struct Lease {
            var word: Directive.Word
            var lastWord: Directive.Word
            var promise: Int
            var use: Int?
        }

        struct Security {
            /// By the directive's name; only looked up.
            var paths: [String: Directive.Word] = [:]
            var serversWord: Directive.Word?
            var terms = TLSTerms()
        }

        var security = Security()
        var groups: [Group] = []
        var hosts: [Host] = []
        /// Groups with a `monitor` line that could not be read: what is said about them is no
        /// mistake of its own.
        var unreadGroups: [String] = []
        /// Whether a `baton host` line could not be read, so that who the members are is unknown.
        var hasUnreadHost = false
        var secret: (word: Directive.Word, value: Configuration.Secret)?
        var lease: Lease?
        var enforcement: (word: Directive.Word, value: LeaseEnforcement)?
        var port: UInt16 = 26379
        /// `nil` for a wildcard.
        var bind: [(word: Directive.Word, address: IPAddress?)] = []
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
        // `Int` would take a plus sign, which Redis does not.
        guard !word.text.hasPrefix("+"), let value = Int(word.text), range.contains(value) else {
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

    mutating func hostAddress(_ word: Directive.Word) -> IPAddress? {
        guard let address = IPAddress(word.text) else {
            refuse(
                word,
                "'\(word.text)' is not an IPv4 or IPv6 address (host names are not resolved yet)")
            return nil
        }
        guard isHostAddress(address) else {
            refuse(word, "\(address) can't be the address of a host")
            return nil
        }
        return address
    }

    /// The prefix of an address that may stand in a file at all, `length` included.
    mutating func prefix(_ word: Directive.Word) -> Prefix? {
        guard word.text.contains("/"), let prefix = Prefix(word.text), prefix.length > 0 else {
            refuse(
                word,
                "'\(word.text)' is not an address with the length of its network, such as "
                    + "10.18.14.94/20")
            return nil
        }
        guard isHostAddress(prefix.address) else {
            refuse(word, "\(prefix.address) can't be the address of a host")
            return nil
        }
        return prefix
    }

    /// False for the unspecified address, multicast and broadcast.
    func isHostAddress(_ address: IPAddress) -> Bool {
        switch address {
        case .v4(let address): address.octets[0] != 0 && address.octets[0] < 224
        case .v6(let address): (address.high, address.low) != (0, 0) && address.high >> 56 != 0xFF
        }
    }

    /// True for an address that is another host's on every host.
    func isLoopback(_ address: IPAddress) -> Bool {
        switch address {
        case .v4(let address): address.octets[0] == 127
        case .v6(let address): (address.high, address.low) == (0, 1)
        }
    }

    /// `path` as it is found before the process works in `dir`.
    func resolved(_ path: String) -> String {
        guard let directory = draft.directory, !path.hasPrefix("/") else { return path }
        return directory.hasSuffix("/") ? directory + path : directory + "/" + path
    }

    /// Names go on the wire, into events and into the state file.
    mutating func isPlainName(_ word: Directive.Word, of what: String) -> Bool {
        if VoterSet.isName(word.text) { return true }
        refuse(word, "a \(what)'s name is made of letters, digits, '.', '-' and '_' only")
        return false
    }

    /// The draft of the group that `word` names.
    mutating func group(_ word: Directive.Word) -> Int? {
        if let index = draft.groups.firstIndex(where: { $0.word.text == word.text }) {
            return index
        }
        guard !draft.unreadGroups.contains(word.text) else { return nil }
        let names = draft.groups.map(\.word.text) + draft.unreadGroups
        let near =
            nearestSpelling(of: word.text, among: names) ?? (names.count == 1 ? names[0] : nil)
        if let near {
            refuse(word, "group '\(word.text)' is not monitored; did you mean '\(near)'?")
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
