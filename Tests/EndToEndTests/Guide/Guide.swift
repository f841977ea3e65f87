/// A document of commands, read as what is to be run where and what it is to print.
///
/// Its blocks are fenced: ```` ```sh HOST… ```` holds commands for each of the hosts, one host
/// after another; ```` ```output HOST ```` what the block of commands before it prints at its end
/// there, and ```` ```like HOST ```` the same, but for times and sizes. Whatever else stands in the
/// document is for people.
struct Guide: Equatable {
    /// A block of commands with what it is to print.
    struct Step: Equatable {
        /// The line of its first command.
        let line: Int
        let hosts: [String]
        let commands: String
        var outputs: [Output] = []
    }

    /// What the end of a step's output must be on one of its hosts.
    struct Output: Equatable {
        let line: Int
        let host: String
        let text: String
        /// Whether times and sizes may be others.
        var isLike = false
    }

    /// A document that can't be read so.
    struct Problem: Error, Equatable {
        let line: Int
        let text: String
    }

    let steps: [Step]

    init(_ document: String) throws(Problem) {
        var steps: [Step] = []
        var fence: (words: [String], line: Int)?
        var block = ""
        let lines = document.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in zip(1..., lines) {
            guard line.hasPrefix("```") else {
                block += line + "\n"
                continue
            }
            if let begun = fence {
                try Self.add(block, begun.words, line: begun.line + 1, to: &steps)
                fence = nil
            } else {
                fence = (line.dropFirst(3).split(separator: " ").map(String.init), number)
            }
            block = ""
        }
        if let fence { throw Problem(line: fence.line, text: "a block without an end") }
        self.steps = steps
    }

    private static func add(
        _ block: String, _ words: [String], line: Int, to steps: inout [Step]
    ) throws(Problem) {
        let hosts = Array(words.dropFirst())
        switch words.first {
        case "sh":
            guard !hosts.isEmpty else { throw Problem(line: line, text: "commands for no host") }
            steps.append(Step(line: line, hosts: hosts, commands: block))
        case "output", "like":
            guard let step = steps.last, hosts.count == 1, step.hosts.contains(hosts[0]) else {
                throw Problem(line: line, text: "output of no host of the commands before it")
            }
            let output = Output(
                line: line, host: hosts[0], text: block, isLike: words[0] == "like")
            steps[steps.count - 1].outputs.append(output)
        default:
            return
        }
    }
}

extension Guide.Output {
    /// Whether what was printed ends with these lines.
    func isEnd(of printed: String) -> Bool {
        let (printed, text) = isLike ? (Self.leveled(printed), Self.leveled(text)) : (printed, text)
        return printed == text || printed.hasSuffix("\n" + text)
    }

    /// One word for every time and size, and one space between words, since they move columns.
    private static func leveled(_ text: String) -> String {
        text.replacing(/[0-9.]+ (s|[KMG]i?B|B)\b/, with: "figure").replacing(/\ +/, with: " ")
    }
}
