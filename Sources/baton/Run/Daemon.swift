import CLinux
import Glibc

/// `daemonize yes`: the same program again, in a session of its own, without a terminal.
///
/// Swift has no `fork`, and a process with threads must not be forked; so the program spawns
/// itself (POSIX_SPAWN_SETSID) once the configuration was found sound.
enum Daemon {
    /// Set in the environment of the spawned process.
    static let marker = "BATON_DAEMONIZED"

    static func spawn() throws(Refusal) {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, clinuxSpawnNewSession)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)

        var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        setenv(marker, "1", 1)
        defer { unsetenv(marker) }
        var child: pid_t = 0
        let code = posix_spawn(
            &child, "/proc/self/exe", &actions, &attributes, arguments, environ)
        guard code == 0 else {
            throw Refusal("cannot start in the background: \(String(cString: strerror(code)))")
        }
    }
}
