import ArgumentParser
import Configuration
import DirectiveFile

/// `baton check FILE`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Report everything that is wrong with a configuration file, at once.",
        usage: "baton check [--host NAME | --sentinel] FILE",
        discussion: """
            Each problem stands with file, line, column and the nearest right spelling. \
            `baton run` makes the same checks first, and does not start where one fails.

            The file is checked against the host on which it is run: its addresses, its \
            interfaces, its scripts, its secret and its certificates. So run it on each host.

            EXAMPLES:
              baton check /etc/baton/baton.conf
              baton check --host redis02 baton.conf    as another host of the list
              baton check --sentinel sentinel.conf     as the file of `baton sentinel`

            EXIT STATUS:
              0   the file is sound; there may be warnings
              2   there is an error, or the file can't be read
            """)

    @Option(
        help: ArgumentHelp(
            "Check as another host of the list. What only that host knows is left out.",
            valueName: "name"))
    var host: String?

    @Flag(help: "Check a redis-sentinel's file, for `baton sentinel`.")
    var sentinel = false

    @Argument(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var file: String

    func validate() throws {
        guard !sentinel || host == nil else {
            throw ValidationError(
                "--host is for Baton's own file: a Sentinel's has no list of hosts.")
        }
    }

    func run() throws {
        let terminal = Terminal.output
        let bytes: [UInt8]
        // One byte more than is read shows that the file is too large.
        switch FileReading.bytes(at: file, byteCountMax: Limits().fileByteCountMax + 1) {
        case .success(let read): bytes = read
        case .failure(let failure):
            Terminal.errors.write("baton check: \(failure.sentence)\n")
            throw ExitCode(2)
        }
        if sentinel { return try checkSentinel(bytes, terminal) }
        let document = Document(reading: bytes)
        let facts = host == nil ? LocalFacts.gather(for: document) : nil
        var (configuration, problems) =
            if let host {
                ConfigurationReader.read(document, as: host)
            } else {
                ConfigurationReader.read(document, facts: facts ?? HostFacts(interfaces: []))
            }
        if let read = configuration, host == nil {
            let more = SecurityFiles.problems(of: read, in: document)
            if !more.isEmpty { configuration = nil }
            problems += more
        }
        let report = ProblemReport(path: file, document: document, problems: problems)
        terminal.write(lines: report.lines(widthMax: terminal.size?.columns ?? 100))
        terminal.write(lines: conclusion(report, configuration, facts))
        if configuration == nil { throw ExitCode(2) }
    }

    private func checkSentinel(_ bytes: [UInt8], _ terminal: Terminal) throws {
        let check = SentinelCheck(file, bytes, entersDirectory: true)
        terminal.write(lines: check.lines(widthMax: terminal.size?.columns ?? 100))
        if !check.isSound { throw ExitCode(2) }
    }

    private func conclusion(
        _ report: ProblemReport, _ configuration: Configuration?, _ facts: HostFacts?
    ) -> [StyledText] {
        var lines: [StyledText] = []
        if let configuration {
            let verdict = StyledText("sound", .good)
            let rest = report.problems.isEmpty ? "" : ", with \(report.summary)"
            let portrait = Portrait.text(of: configuration, facts: facts)
            lines.append(StyledText("\(file): ") + verdict + StyledText("\(rest): \(portrait)"))
        } else {
            lines.append(StyledText("\(file): ") + StyledText(report.summary, .bad))
        }
        if configuration == nil, host == nil,
            !report.document.directives.contains(where: { $0.name == "baton" })
        {
            lines.append(
                StyledText(
                    "No line is Baton's own. For a redis-sentinel's file there is `baton check "
                        + "--sentinel`.", .faint))
        }
        if let host, configuration != nil {
            lines.append(
                StyledText(
                    "Not checked: the networks, interfaces, scripts, secret file and "
                        + "certificates of \(host); "
                        + "run `baton check` there.", .faint))
        }
        return lines
    }
}
