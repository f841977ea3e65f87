import DirectiveFile
import DropInCore
import Glibc
import SentinelDriver
import SentinelFile
import SentinelPort

/// `baton check --sentinel FILE`: the file of a drop-in Sentinel, as a start would read it.
struct SentinelCheck {
    let path: String
    let document: Document
    let configuration: SentinelConfiguration
    /// Of the file itself and of those that it includes.
    private(set) var problems: [FileProblem]
    /// What does not keep it from starting.
    private(set) var warnings: [String] = []
    /// What does, and stands in no line.
    private(set) var obstacles: [String] = []

    /// - Parameter entersDirectory: whether to go where `dir` says, as a start does before it looks
    ///   for users and certificates: for a process that does nothing else.
    init(_ path: String, _ bytes: [UInt8], entersDirectory: Bool = false) {
        self.path = path
        document = Document(reading: bytes)
        (configuration, problems) = SentinelFiles.examine(bytes, path: path)
        guard problems.isEmpty else { return }
        let file = ConfigurationFile(
            path: SentinelFiles.absolute(path), server: configuration.server)
        if let obstacle = file.obstacle {
            warnings.append(
                "this user may not write the file (\(obstacle)); the Sentinel's must, it keeps its"
                    + " votes there")
        }
        if entersDirectory, let directory = configuration.server.directory,
            chdir(directory) != 0
        {
            let reason = String(cString: strerror(errno))
            obstacles.append("dir \(directory) cannot be entered: \(reason)")
            return
        }
        examinePort()
    }

    private mutating func examinePort() {
        let settings = PortSettings(
            configuration, path: path, executable: "", supervision: "no",
            startedAt: BootClock.now())
        do throws(PortExamination.Failure) {
            let port = try PortExamination.whole(configuration, settings)
            if !port.openAddresses.isEmpty { warnings.append(exposure(port.openAddresses)) }
        } catch {
            obstacles.append(error.description)
        }
    }

    private func exposure(_ addresses: [String]) -> String {
        let places = addresses.joined(separator: " ")
        let remedy =
            "write 'requirepass PASSWORD' (and the same 'sentinel sentinel-pass' on all), 'bind'"
            + " addresses that only friends reach, or 'protected-mode yes'"
        return configuration.guardsOrders
            ? "whoever reaches \(places) may look without a password; 'baton guard-orders yes'"
                + " keeps orders from them"
            : "whoever reaches \(places) may give this Sentinel orders without a password: "
                + "\(remedy). 'baton guard-orders yes' at least lets strangers look only"
    }

    var isSound: Bool { problems.isEmpty && obstacles.isEmpty }

    /// Every problem with its place, and the verdict.
    func lines(widthMax: Int) -> [StyledText] {
        let own = problems.filter { $0.path == path }.map {
            Problem(line: $0.line, column: $0.column, message: $0.message)
        }
        let free =
            obstacles.map { Problem(line: 0, column: 0, message: $0) }
            + warnings.map { Problem(line: 0, column: 0, severity: .warning, message: $0) }
        let report = ProblemReport(path: path, document: document, problems: own + free)
        let elsewhere = problems.filter { $0.path != path }.map {
            StyledText("\($0.path):\($0.line):\($0.column): ", .title)
                + StyledText("error:", .bad) + StyledText(" " + $0.message)
        }
        return report.lines(widthMax: widthMax) + elsewhere + [verdict(report, elsewhere.count)]
    }

    private func verdict(_ report: ProblemReport, _ elsewhereCount: Int) -> StyledText {
        guard isSound else {
            let count = report.errorCount + elsewhereCount
            return StyledText("\(path): ")
                + StyledText("\(count) error\(count == 1 ? "" : "s")", .bad)
        }
        let names = configuration.ledger.entries.map(\.settings.name)
        let groups =
            switch names.count {
            case 0: "no group yet"
            case 1...5: names.joined(separator: ", ")
            case let count: "\(count) groups"
            }
        let port =
            configuration.server.port != 0
            ? configuration.server.port : configuration.server.tlsPort
        let rest = report.problems.isEmpty ? "" : ", with \(report.summary)"
        return StyledText("\(path): ") + StyledText("sound", .good)
            + StyledText("\(rest): a Sentinel on port \(port); \(groups)")
    }
}
