import CLinux
import Glibc

/// One call of posix_spawn, with everything that it needs.
///
/// The child gets: its own process group (so that Ctrl-C at the terminal reaches the laboratory
/// only, which then removes everything in order), no blocked and no ignored signals, standard
/// input from nowhere unless given, and the calling thread's network namespace.
struct Spawn {
    let executable: String
    let arguments: [String]
    /// `NAME=value`; the parent's own when `nil`.
    var environment: [String]?
    var directory: String?
    /// Descriptors of the parent that become the child's 0, and its 1 and 2.
    var standardInput: Int32?
    let standardOutput: Int32
    /// Whether the kernel kills the child when the calling thread ends.
    var diesWithThread = false

    /// Starts the program and returns its process number; a program that can't be executed is an
    /// error here and never a child.
    func start() throws(LaboratoryError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let standardInput {
            posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, standardOutput, 1)
        posix_spawn_file_actions_adddup2(&actions, standardOutput, 2)
        // A copy of somebody's socket in the child would keep that open when it is closed here.
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        if let directory {
            posix_spawn_file_actions_addchdir_np(&actions, directory)
        }

        var attributes = Self.attributes()
        defer { posix_spawnattr_destroy(&attributes) }

        let (path, words) = command()
        var pid: Int32 = 0
        let status = Self.withCStrings(words) { words in
            guard let environment else {
                return posix_spawn(&pid, path, &actions, &attributes, words, environ)
            }
            return Self.withCStrings(environment) {
                posix_spawn(&pid, path, &actions, &attributes, words, $0)
            }
        }
        guard status == 0 else {
            throw .systemCall("posix_spawn", subject: path, errorNumber: status)
        }
        return pid
    }

    /// posix_spawn can't ask for PR_SET_PDEATHSIG. util-linux's setpriv does, then becomes the
    /// program itself, so that the process number stays the same.
    private func command() -> (path: String, words: [String]) {
        guard diesWithThread, let setpriv = Files.executable("setpriv") else {
            return (executable, [executable] + arguments)
        }
        return (setpriv, [setpriv, "--pdeathsig", "KILL", "--", executable] + arguments)
    }

    private static func attributes() -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        return attributes
    }

    private static func withCStrings<Outcome>(
        _ strings: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Outcome
    ) -> Outcome {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }
}
