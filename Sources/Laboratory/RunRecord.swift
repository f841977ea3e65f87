import Glibc

/// One run's entry in the register of running laboratories.
///
/// The entry is a file that its run keeps locked. The kernel drops the lock when the process ends,
/// however it ends, so an entry that can be locked belongs to a run that crashed: the next run
/// removes what that one left, and never touches anything of a run that lives.
final class RunRecord: Sendable {
    /// `pid-number`: unique among living runs, also of one process.
    let run: String
    /// Everything that the run writes: configurations, data, logs.
    let directory: String
    private let path: String
    private let descriptor: Shared<Int32?>

    /// Root's runs make namespaces, which belong to the machine; other users' runs only files.
    static let register: String = getuid() == 0 ? "/run/baton-lab" : "/tmp/baton-lab-\(getuid())"
    private static let directoryPrefix = "/tmp/baton-"
    private static let count = Shared(0)

    /// The run that a directory belongs to.
    static func run(ofDirectory directory: String) -> String? {
        guard directory.hasPrefix(directoryPrefix) else { return nil }
        return String(directory.dropFirst(directoryPrefix.count))
    }

    /// Removes what crashed runs left behind, then enters this run.
    init() throws(LaboratoryError) {
        run = "\(getpid())-\(Self.count.with { count in count += 1; return count })"
        path = "\(Self.register)/\(run)"
        directory = Self.directoryPrefix + run
        try Files.makeDirectory(Self.register)
        // Held while entering: between making and locking, an entry looks like a crashed run's.
        let gate = open(Self.register, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard gate >= 0, flock(gate, LOCK_EX) == 0 else {
            throw .systemCall("flock", subject: Self.register, errorNumber: errno)
        }
        defer { close(gate) }
        Self.sweep(Self.register)
        let entry = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard entry >= 0, flock(entry, LOCK_EX | LOCK_NB) == 0 else {
            throw .systemCall("open", subject: path, errorNumber: errno)
        }
        descriptor = Shared(entry)
        try Files.write("directory \(directory)\n", to: entry, path: path)
        // A directory of the same name can only be a leftover: its entry was not there.
        Files.removeTree(directory)
        try Files.makeDirectory(directory)
    }

    /// Notes a process that must not outlive the run.
    func note(_ process: ProcessTable.Identity) {
        descriptor.with { descriptor in
            guard let descriptor else { return }
            let line = "process \(process.pid) \(process.startTicks)\n"
            try? Files.write(line, to: descriptor, path: path)
        }
    }

    /// Removes everything that the run has made, then its entry; safe to call again.
    func erase() {
        descriptor.with { descriptor in
            guard let open = descriptor else { return }
            Self.erase(run: run, entry: path)
            close(open)
            descriptor = nil
        }
    }

    /// Removes what runs whose process no longer lives have left.
    private static func sweep(_ register: String) {
        for run in Files.names(in: register) {
            let path = "\(register)/\(run)"
            let entry = open(path, O_RDWR | O_CLOEXEC)
            guard entry >= 0 else { continue }
            if flock(entry, LOCK_EX | LOCK_NB) == 0 {
                erase(run: run, entry: path)
            }
            close(entry)
        }
    }

    /// Ends the run's processes, then removes its namespaces, its files and its entry, which
    /// comes last: a sweep that is itself interrupted can be repeated.
    private static func erase(run: String, entry path: String) {
        let lines = (Files.read(path) ?? "").split(separator: "\n").map { $0.split(separator: " ") }
        let recorded = lines.compactMap { line -> ProcessTable.Identity? in
            guard line.count == 3, line[0] == "process", let pid = Int32(line[1]),
                let startTicks = UInt64(line[2])
            else { return nil }
            return ProcessTable.Identity(pid: pid, startTicks: startTicks)
        }
        let namespaces = Namespaces.existing(of: run)
        ProcessTable.end(recorded + ProcessTable.inside(namespaces))
        Namespaces.remove(namespaces)
        for line in lines where line.count == 2 && line[0] == "directory" {
            // Nothing but what this type names itself is ever removed.
            if line[1] == directoryPrefix + run { Files.removeTree(String(line[1])) }
        }
        unlink(path)
    }
}
