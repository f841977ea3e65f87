import ArgumentParser
import DirectiveFile

/// `baton status`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what a running node or balancer sees.",
        discussion: """
            A host tells what it sees itself; ask another one to compare. Of a balancer: its \
            clients, its requests, and what each server's share of them is. Nothing needs a \
            password: whoever reaches the node's port may look.

            EXAMPLES:
              baton status                                    the node on this host
              baton status --watch                            once a second, until Ctrl-C
              baton status --address 192.168.11.124:26379     the node on another host
              baton status --json | jq -r '.groups[].primary'

            EXIT STATUS:
              0   a node answered
              1   no node answered; the reason is on standard error
              2   the file of --config can't be read
            """)

    @Flag(help: "Print the node's answer as it is: one line of JSON.")
    var json = false

    @Flag(help: "Draw the picture again every second, until Ctrl-C.")
    var watch = false

    @OptionGroup var node: NodeOptions

    func validate() throws {
        if json && watch { throw ValidationError("--json and --watch exclude each other.") }
    }

    func run() throws {
        let client = try node.client(of: "status")
        if watch {
            try observe(client)
            return
        }
        do throws(NodeFailure) {
            let answer = try client.status()
            if json {
                Terminal.output.write(String(decoding: answer, as: UTF8.self) + "\n")
            } else {
                let width =
                    Terminal.output.isInteractive ? Terminal.output.size?.columns ?? 80 : nil
                Terminal.output.write(lines: try picture(answer, client, widthMax: width))
            }
        } catch {
            Terminal.errors.write("baton status: " + error.lines.joined(separator: "\n") + "\n")
            throw ExitCode(1)
        }
    }

    private func picture(
        _ answer: [UInt8], _ client: NodeClient, widthMax: Int?
    ) throws(NodeFailure) -> [StyledText] {
        if let balancer = BalancerReport(json: answer) {
            return BalancerText(report: balancer, widthMax: widthMax).lines()
        }
        do throws(NodeReport.Unreadable) {
            return StatusText(report: try NodeReport(json: answer), widthMax: widthMax).lines()
        } catch {
            throw client.failure(.unreadable(error))
        }
    }

    /// A node that does not answer stays in the picture with the reason, since it is what one
    /// watches for.
    private func observe(_ client: NodeClient) throws {
        let terminal = Terminal.output
        guard terminal.isInteractive else {
            Terminal.errors.write(
                "baton status: --watch needs a terminal; for programs there is --json\n")
            throw ExitCode.validationFailure
        }
        let interruption = Interruption()
        let screen = Screen(terminal: terminal)
        screen.enter()
        defer { screen.leave() }
        var last: [StyledText] = []
        repeat {
            let width = terminal.size?.columns ?? 80
            do throws(NodeFailure) {
                last = try picture(try client.status(), client, widthMax: width)
                screen.draw(last + ["", Self.footer])
            } catch {
                let reason = error.lines.enumerated().map {
                    StyledText($0.element, $0.offset == 0 ? .bad : .plain)
                }
                let before: [StyledText] =
                    last.isEmpty ? [] : ["", StyledText("Before that:", .faint), ""] + last
                screen.draw(reason + before + ["", Self.footer])
            }
        } while !interruption.wait(seconds: 1)
    }

    private static let footer = StyledText("every second; Ctrl-C ends", .faint)
}
