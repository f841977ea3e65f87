public import Addressing
import Glibc
public import MonotonicTime

/// A host of the laboratory: a network namespace with its interfaces, or a name on loopback.
public final class Host: Sendable {
    /// The name in the plan, for example `redis01`.
    public let name: String
    /// What `ip netns` calls it; `nil` on loopback.
    public let namespace: String?
    /// The interfaces and their first addresses.
    public let attachments: [Plan.Attachment]
    /// Where this host's Redis listens: 6379, or a port of its own on loopback.
    public let redisPort: UInt16

    let directory: String
    private let door: NamespaceDoor
    private let resident: Resident
    private let record: RunRecord
    private let programs = Shared<[Program]>([])
    private let interruptions = Shared<[Interruption]>([])

    init(
        _ machine: Plan.Machine, namespace: String?, redisPort: UInt16, record: RunRecord
    ) throws(LaboratoryError) {
        name = machine.name
        attachments = machine.attachments
        self.namespace = namespace
        self.redisPort = redisPort
        self.record = record
        directory = "\(record.directory)/\(machine.name)"
        try Files.makeDirectory(directory)
        door = try NamespaceDoor(namespace: namespace)
        resident = try Resident(entering: door)
    }

    /// Its address on one of the plan's networks; the host must be on it.
    public func address(on network: Plan.Network) -> IPv4Address {
        guard let attachment = attachments.first(where: { $0.network == network }) else {
            preconditionFailure("\(name) is not on network \(network.name)")
        }
        return attachment.address
    }

    /// Where servers, replicas and voters reach this host's Redis.
    public var redisEndpoint: Endpoint {
        Endpoint(address: .v4(address(on: .internal)), port: redisPort)
    }

    /// The words to put before a command so that a person's shell runs it in this host.
    public var commandPrefix: [String] {
        namespace.map { ["ip", "netns", "exec", $0] } ?? []
    }

    /// Runs `body` on a thread of its own inside the host and waits for its result. Sockets that
    /// it opens belong to the host for as long as they live, whoever uses them later.
    ///
    /// The laboratory must be open.
    public func run<Outcome: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Outcome
    ) throws(Failure) -> Outcome {
        let answer = Shared<Result<Outcome, Failure>?>(nil)
        start {
            let outcome = Result { () throws(Failure) in try body() }
            answer.with { $0 = outcome }
        }
        return try answer.wait { $0 }!.get()
    }

    /// Runs `body` on a thread of its own inside the host, without waiting.
    func start(_ body: @escaping @Sendable () -> Void) {
        let (door, name) = (door, name)
        startThread {
            do throws(LaboratoryError) {
                try door.enter()
            } catch {
                // Whoever waits for the body waits until a signal's watch has ended the process.
                while error == .closed, SignalWatch.hasHeard { pause() }
                // On the wrong network the body could reach a machine that is none of ours.
                fatalError("a thread can't enter \(name): \(error)")
            }
            body()
        }
    }

    /// Runs `body` like ``start(_:)``; it is to end soon after `interruption`, which comes at the
    /// latest when the laboratory closes.
    func start(until interruption: Interruption, _ body: @escaping @Sendable () -> Void) {
        interruptions.with { $0.append(interruption) }
        start(body)
    }

    /// Runs `body` on the thread that also starts the host's programs.
    func runOnResident<Outcome: Sendable>(
        _ body: @escaping @Sendable () throws(LaboratoryError) -> Outcome
    ) throws(LaboratoryError) -> Outcome {
        try resident.run(body)
    }

    /// Starts a program inside the host.
    ///
    /// `executable` is a path, or a name that is looked for in PATH and the system's own tools.
    /// `environment` is added to this process's. `name` names the output file and must differ
    /// among the programs of a host that run at the same time.
    public func launch(
        _ executable: String, _ arguments: [String] = [], name: String? = nil,
        environment: [(name: String, value: String)] = []
    ) throws(LaboratoryError) -> Program {
        guard let path = Files.executable(executable) else {
            throw .unavailable([.programMissing(executable)])
        }
        let name = name ?? String(executable.split(separator: "/").last ?? "program")
        let outputPath = "\(directory)/\(name).out"
        let variables = Self.merged(environment.map { "\($0.name)=\($0.value)" })
        let (directory, record) = (directory, record)
        let program = try resident.run { () throws(LaboratoryError) in
            let output = open(
                outputPath, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
            guard output >= 0 else {
                throw .systemCall("open", subject: outputPath, errorNumber: errno)
            }
            defer { close(output) }
            let pid = try Spawn(
                executable: path, arguments: arguments, environment: variables,
                directory: directory, standardOutput: output, diesWithThread: true
            ).start()
            // The child can't be collected before `Program` takes it over, so it is this one.
            if let identity = ProcessTable.identity(of: pid) { record.note(identity) }
            return Program(name: name, pid: pid, outputPath: outputPath)
        }
        programs.with { programs in
            programs.removeAll { !$0.isRunning }
            programs.append(program)
        }
        return program
    }

    /// Runs a program to its end and returns how it ended and what it wrote; one that still runs
    /// after `limit` is killed.
    public func execute(
        _ executable: String, _ arguments: [String] = [], atMost limit: Interval = .seconds(10)
    ) throws(LaboratoryError) -> (ending: Program.ExitStatus, output: String) {
        let number = Self.executions.with { count in
            count += 1
            return count
        }
        let program = try launch(executable, arguments, name: "execution-\(number)")
        defer { unlink(program.outputPath) }
        if program.wait(atMost: limit) == nil { program.kill() }
        return (program.wait()!, program.output)
    }

    private static let executions = Shared(0)

    /// This process's environment with `additions` in place of variables of the same names.
    private static func merged(_ additions: [String]) -> [String] {
        func name(_ variable: String) -> Substring {
            variable.prefix { $0 != "=" }
        }
        var variables: [String] = []
        var entry = environ
        while let variable = entry.pointee {
            variables.append(String(cString: variable))
            entry += 1
        }
        let replaced = Set(additions.map(name))
        return variables.filter { !replaced.contains(name($0)) } + additions
    }

    /// Ends every program, and every thread that runs until interrupted.
    func endPrograms() {
        interruptions.with { interruptions in
            interruptions.forEach { $0.interrupt() }
            interruptions = []
        }
        let programs = programs.with { $0 }
        programs.forEach { $0.send(signal: SIGKILL) }
        programs.forEach { _ = $0.wait() }
    }

    /// Lets go of the namespace; the host can't be used any more.
    func leave() {
        resident.dismiss()
        door.shut()
    }
}
