/// The command line of redis-sentinel, or of redis-server with `--sentinel`: a file, and
/// directives that count after those of the file.
struct SentinelArguments: Equatable {
    /// What is to be done.
    enum Request: Equatable {
        case run(file: String)
        case help
        case version
    }

    var request: Request
    /// Each a name and its values.
    var directives: [[String]] = []

    /// The words behind the program's name. Throws what is wrong, as a sentence.
    init(_ words: [String]) throws(Refusal) {
        switch words.first {
        case "-h"?, "--help"?:
            request = .help
            return
        case "-v"?, "--version"?:
            request = .version
            return
        case nil:
            throw Refusal(Self.needsFile)
        case _: break
        }
        var rest = words[...]
        guard let file = rest.first, !file.hasPrefix("--") else { throw Refusal(Self.needsFile) }
        guard file != "-" else {
            throw Refusal(
                "a Sentinel cannot keep its file on standard input; name a file that it may write")
        }
        request = .run(file: file)
        rest.removeFirst()
        while let word = rest.popFirst() {
            guard word.hasPrefix("--"), word.utf8.count > 2 else {
                throw Refusal("\(word): a directive begins with --, as --port 26379")
            }
            var directive = [String(word.dropFirst(2))]
            while let value = rest.first, !value.hasPrefix("--") {
                directive.append(value)
                rest.removeFirst()
            }
            // The switch that makes redis-server a Sentinel.
            if directive == ["sentinel"] { continue }
            directives.append(directive)
        }
    }

    private static let needsFile =
        "a Sentinel needs a configuration file on disk, which it may write: baton sentinel FILE"

    /// The words to run a Sentinel with, when the program was called by a name of Redis's or
    /// Valkey's; `nil`: it was called as itself.
    static func words(calledAs arguments: [String]) -> [String]? {
        guard let path = arguments.first else { return nil }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let words = Array(arguments.dropFirst())
        if ["redis-sentinel", "valkey-sentinel"].contains(where: { name.contains($0) }) {
            return words
        }
        let isServer = ["redis-server", "valkey-server"].contains { name.contains($0) }
        return isServer && words.contains("--sentinel") ? words : nil
    }
}
