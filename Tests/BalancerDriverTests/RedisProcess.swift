import CLinux
import CertificateFixture
import Glibc
import SecurityTerms
import Synchronization

/// A real redis-server on a loopback port of its own, which ends with its owner.
final class RedisProcess: Sendable {
    let port: UInt16
    let pid: pid_t
    private let isEnded = Atomic(false)

    /// Waits until it answers. With certificates it speaks TLS, and nothing else.
    init(port: UInt16, arguments: [String] = [], certificates: CertificateFixture? = nil) throws {
        self.port = port
        let place: [String]
        if let certificates {
            let identity = certificates.server
            place = [
                "--port", "0", "--tls-port", "\(port)", "--tls-cert-file",
                identity.certificateFile, "--tls-key-file", identity.keyFile,
                "--tls-ca-cert-file", certificates.authority, "--tls-replication", "yes",
            ]
        } else {
            place = ["--port", "\(port)"]
        }
        var words = ["redis-server"] + place + ["--save", "", "--dir", "/tmp"]
        words += ["--bind", "127.0.0.1", "--logfile", "/dev/null"] + arguments
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Or the server would keep other tests' connections open, which they close.
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var pid = pid_t()
        let status = posix_spawnp(&pid, "redis-server", &actions, nil, pointers, environ)
        guard status == 0 else { throw WireFailure("redis-server: \(status)") }
        self.pid = pid
        for _ in 0..<200 {
            if let certificates {
                let client = try? SecuredClient(port: port, certificates.terms)
                if (try? client?.ask("PING")) != nil { return }
            } else if let client = try? WireClient(port: port), (try? client.ask("PING")) != nil {
                return
            }
            usleep(20_000)
        }
        throw WireFailure("redis-server does not answer on \(port)")
    }

    /// `kill -9`, and waits until it is gone.
    func end() {
        let isOver = isEnded.exchange(true, ordering: .relaxed)
        guard !isOver, kill(pid, SIGKILL) == 0 else { return }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    deinit {
        end()
    }
}
