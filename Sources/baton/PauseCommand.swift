import ArgumentParser
import Glibc

/// `baton pause`: for maintenance.
struct PauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Leave a group alone for some maintenance: no failover by itself.",
        usage: "baton pause GROUP [--for TIME] [--address HOST:PORT]",
        discussion: """
            While a group is paused no node begins a failover by itself or reconfigures a server, \
            and the write address stays where it is, whatever happens to its server. `baton \
            switchover` and `baton failover --force` still work. It counts once a majority of the \
            nodes has it on disk, over restarts, until `baton resume`.

            EXAMPLES:
              baton pause orders --for 2h         90s, 30m, 2h, 1d
              baton resume orders

            EXIT STATUS:
              0   a majority of the nodes has stored it
              1   it has not; the reason is on standard error
            """)

    @Argument(help: ArgumentHelp("The group.", valueName: "group"))
    var group: String

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("End it after so long: a number with s, m, h or d.", valueName: "time"))
    var length: PauseLength?

    @OptionGroup var node: NodeOptions

    func run() throws {
        let words = length.map { ["\($0.milliseconds)"] } ?? []
        try PauseOrderText.give(
            ["SENTINEL", "PAUSE", group] + words, command: "pause", node: node,
            success: "\(group): paused\(length.map { " for \($0.text)" } ?? ""); "
                + "`baton resume \(group)` ends it.")
    }
}

/// `baton resume`: the end of a pause.
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "End a pause: Baton looks after the group again.",
        usage: "baton resume GROUP [--address HOST:PORT]",
        discussion: """
            EXIT STATUS:
              0   a majority of the nodes has stored it
              1   it has not; the reason is on standard error
            """)

    @Argument(help: ArgumentHelp("The group.", valueName: "group"))
    var group: String

    @OptionGroup var node: NodeOptions

    func run() throws {
        try PauseOrderText.give(
            ["SENTINEL", "RESUME", group], command: "resume", node: node,
            success: "\(group): resumed.")
    }
}

/// Gives such an order to a node and says what came of it.
enum PauseOrderText {
    static func give(
        _ words: [String], command: String, node: NodeOptions, success: String
    ) throws {
        let client = try node.client(of: command)
        do throws(NodeFailure) {
            _ = try client.ask(words)
        } catch {
            Terminal.errors.write("baton \(command): \(error.lines.joined(separator: "\n"))\n")
            throw ExitCode(1)
        }
        Terminal.output.write(success + "\n")
    }
}
