import Addressing
import Laboratory
import Synchronization

/// One `baton run` process of the demonstration.
final class DemoNode: Sendable {
    let host: Host
    /// Where it answers.
    let endpoint: Endpoint
    /// Appended to across its restarts.
    let logPath: String
    private let executable: String
    private let configurationPath: String
    private let program = Mutex<Program?>(nil)

    init(
        on host: Host, endpoint: Endpoint, directory: String, executable: String,
        configurationPath: String
    ) {
        self.host = host
        self.endpoint = endpoint
        self.executable = executable
        self.configurationPath = configurationPath
        logPath = "\(directory)/baton.log"
    }

    var isRunning: Bool { program.withLock { $0?.isRunning ?? false } }

    /// What it wrote beside its log: why it did not start.
    var output: String { program.withLock { $0?.output ?? "" } }

    /// Starts the process in the directory of its host, where its state and its log lie.
    func start() throws(LaboratoryError) {
        let started = try host.launch(executable, ["run", configurationPath], name: "baton")
        program.withLock { $0 = started }
    }

    /// SIGKILL; returns when the process is gone.
    func kill() {
        program.withLock { $0 }?.kill()
    }
}
