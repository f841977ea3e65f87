import Glibc
import Workbench

/// One way from a client to a server.
enum Contestant: String, CaseIterable {
    case direct
    case haproxy
    case twemproxy
    case baton

    static let serverPort = 21_300

    var port: Int {
        switch self {
        case .direct: Self.serverPort
        case .haproxy: 21_301
        case .twemproxy: 21_302
        case .baton: 21_303
        }
    }

    /// Starts the proxy, with one worker thread; `nil` when there is none between.
    func start(directory: String) throws -> Child? {
        switch self {
        case .direct:
            return nil
        case .haproxy:
            let path = "\(directory)/haproxy.cfg"
            try write(
                """
                global
                  nbthread 1
                  maxconn 4096
                defaults
                  mode tcp
                  timeout connect 5s
                  timeout client 60s
                  timeout server 60s
                listen redis
                  bind 127.0.0.1:\(port)
                  server one 127.0.0.1:\(Self.serverPort)

                """, to: path)
            return try Child(["haproxy", "-db", "-f", path])
        case .twemproxy:
            let path = "\(directory)/nutcracker.yml"
            try write(
                """
                redis:
                  listen: 127.0.0.1:\(port)
                  redis: true
                  hash: fnv1a_64
                  distribution: ketama
                  servers:
                   - 127.0.0.1:\(Self.serverPort):1

                """, to: path)
            return try Child(["nutcracker", "-c", path, "-s", "21304", "-a", "127.0.0.1"])
        case .baton:
            return try Child(["/proc/self/exe", "serve", "\(port)", "\(Self.serverPort)"])
        }
    }

    private func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw BenchFailure("\(path): errno \(errno)") }
        fputs(text, file)
        fclose(file)
    }
}
