import ArgumentParser

/// `baton history`
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show what every failover cost, and why it happened.",
        usage: "baton history [--json] [--address HOST:PORT] [--config FILE]",
        discussion: """
            Each node keeps a journal of the failovers that it saw, over restarts; the newest 256. \
            This asks a node and those that it knows, and shows each failover once, newest last. \
            Bytes lost are known when the former primary has returned with its history.

            EXAMPLES:
              baton history
              baton history --json | jq '.[-1]'

            EXIT STATUS:
              0   a node answered
              1   no node answered; the reason is on standard error
            """)

    @Flag(help: "Print the records of the node that is asked: one JSON array.")
    var json = false

    @OptionGroup var node: NodeOptions

    func run() throws {
        let client = try node.client(of: "history")
        do throws(NodeFailure) {
            let own = try client.history()
            if json {
                Terminal.output.write(String(decoding: own, as: UTF8.self) + "\n")
                return
            }
            let report = try client.report()
            var records = Self.records(own)
            for peer in Set(report.groups.flatMap(\.peers).map(\.endpoint)).sorted() {
                // One that does not answer knows nothing that is needed.
                guard let target = NodeClient.Target(peer),
                    let bytes = try? NodeClient(target: target).history()
                else { continue }
                records += Self.records(bytes)
            }
            let text = HistoryText(
                records: HistoryRecord.merged(records), names: Self.names(report))
            Terminal.output.write(lines: text.lines())
        } catch {
            Terminal.errors.write("baton history: " + error.lines.joined(separator: "\n") + "\n")
            throw ExitCode(1)
        }
    }

    private static func records(_ bytes: [UInt8]) -> [HistoryRecord] {
        (try? JSONValue(bytes))?.elements?.compactMap(HistoryRecord.init) ?? []
    }

    private static func names(_ report: NodeReport) -> [String: String] {
        let peers = report.groups.flatMap(\.peers).map { ($0.endpoint, $0.name) }
        return Dictionary(
            (peers + [(report.endpoint, report.name)]).map { (HistoryText.address($0.0), $0.1) },
            uniquingKeysWith: { first, _ in first })
    }
}
