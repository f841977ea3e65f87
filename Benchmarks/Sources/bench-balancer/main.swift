import Addressing
import BalancerCore
import BalancerDriver
import Glibc
import SecurityTerms
import TransportSecurity
import Workbench

// `make bench-balancer`: one GET after another, and pipelines, straight to redis-server, through
// HAProxy (tcp), twemproxy and Baton, one worker thread each, in turns of one run.

let workbench = Workbench("bench-balancer")

/// What the `serve` child does: a balancer before one server, until it is killed. With a directory
/// of certificates (`ca.crt`, `redis.crt`, `redis.key`) clients speak TLS, and perhaps the server.
func serve(
    port: UInt16, server: UInt16, certificates: String? = nil, serverSpeaksTLS: Bool = false
) throws {
    let localhost = IPAddress.v4(IPv4Address(127, 0, 0, 1))
    var security = BalancerSecurity()
    if let certificates {
        var terms = TLSTerms()
        terms.identity = TLSTerms.Identity(
            certificateFile: "\(certificates)/redis.crt", keyFile: "\(certificates)/redis.key")
        terms.authorityFile = "\(certificates)/ca.crt"
        security.clients = try TLSServerContext(terms)
        if serverSpeaksTLS { security.servers = try TLSClientContext(terms) }
    }
    let driver = try BalancerDriver(
        listeners: [
            BalancerListener(
                endpoint: Endpoint(address: localhost, port: port), service: .read,
                isSecured: certificates != nil)
        ], security: security)
    driver.update(servers: [
        ServerReport(
            endpoint: Endpoint(address: localhost, port: server), role: .replica,
            condition: .serving(.none))
    ])
    while true { sleep(3600) }
}

func measure(runs: Int) throws -> [Contestant: [Load: Result]] {
    var results: [Contestant: [Load: Result]] = [:]
    let server = try Child([
        "redis-server", "--port", "\(Contestant.serverPort)", "--save", "", "--bind", "127.0.0.1",
    ])
    defer { server.end() }
    var name = Array("/tmp/bench-balancer-XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil else { throw BenchFailure("mkdtemp: errno \(errno)") }
    let directory = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    defer { rmdir(directory) }
    let proxies = try Contestant.allCases.map { ($0, try $0.start(directory: directory)) }
    defer { for (_, proxy) in proxies { proxy?.end() } }
    sleep(1)
    _ = try Child.output(of: ["redis-cli", "-p", "\(Contestant.serverPort)", "SET", "key", "abc"])
    for run in 0..<runs {
        for load in Load.allCases {
            // Nobody is always the first, or always behind the same other.
            for turn in proxies.indices {
                let (contestant, proxy) = proxies[(turn + run) % proxies.count]
                let before = (proxy?.times ?? ProcessorTimes(), server.times)
                let (rate, p99) = try load.run(port: contestant.port)
                let after = (proxy?.times ?? ProcessorTimes(), server.times)
                let count = Double(load.requestCount)
                var result = results[contestant]?[load] ?? Result()
                result.requestsPerSecond.append(rate)
                result.p99.append(p99)
                result.userTime.append((after.0.user - before.0.user) / count)
                result.systemTime.append((after.0.system - before.0.system) / count)
                let serverTime =
                    after.1.user + after.1.system - before.1.user - before.1.system
                result.serverTime.append(serverTime / count)
                results[contestant, default: [:]][load] = result
            }
        }
        for load in Load.allCases where load.pipeline == 1 {
            let rates = results[.direct]?[load]?.requestsPerSecond ?? []
            for turn in proxies.indices {
                let contestant = proxies[(turn + run) % proxies.count].0
                let paced = PacedLoad(
                    connections: load.connections, requestsPerSecond: median(rates) / 2)
                results[contestant]?[load]?.pacedP99.append(try paced.run(port: contestant.port))
            }
        }
        workbench.say("run \(run + 1) of \(runs)")
    }
    for file in ["haproxy.cfg", "nutcracker.yml"] { unlink("\(directory)/\(file)") }
    return results
}

func report(_ results: [Contestant: [Load: Result]], runs: Int) {
    func middle(
        _ contestant: Contestant, _ load: Load, _ figure: (Result) -> [Double]
    ) -> Double {
        median(results[contestant]?[load].map(figure) ?? [])
    }
    for load in Load.allCases {
        print("\(load.connections) connections, \(load.pipeline) deep, medians of \(runs):")
        for contestant in Contestant.allCases {
            func value(_ figure: (Result) -> [Double]) -> String {
                text(middle(contestant, load, figure))
            }
            print(
                "  \(contestant.rawValue): \(value(\.requestsPerSecond)) requests/s, p99 "
                    + "\(value(\.p99)) ms (at half the load \(value(\.pacedP99)) ms)")
            print(
                "    us a request: user \(value(\.userTime)), system \(value(\.systemTime)), "
                    + "redis-server \(value(\.serverTime))")
        }
    }
    /// The worse of the two connection counts.
    func worst(pipeline: Int, isLowWorse: Bool, _ figure: (Load) -> Double) -> String {
        let values = Load.allCases.filter { $0.pipeline == pipeline }.map(figure)
        return text((isLowWorse ? values.min() : values.max()) ?? 0)
    }
    func speed(_ other: Contestant, pipeline: Int) -> String {
        worst(pipeline: pipeline, isLowWorse: true) {
            middle(.baton, $0, \.requestsPerSecond) / middle(other, $0, \.requestsPerSecond)
        }
    }
    func ratio(_ figure: (Result) -> [Double]) -> String {
        worst(pipeline: 1, isLowWorse: false) {
            middle(.baton, $0, figure) / middle(.direct, $0, figure)
        }
    }
    func own(_ figure: (Result) -> [Double]) -> String {
        worst(pipeline: 1, isLowWorse: false) { middle(.baton, $0, figure) }
    }
    print(
        "RESULT vs_haproxy_p1=\(speed(.haproxy, pipeline: 1))"
            + " vs_direct_p1=\(speed(.direct, pipeline: 1))"
            + " vs_twemproxy_p1=\(speed(.twemproxy, pipeline: 1))"
            + " vs_haproxy_p16=\(speed(.haproxy, pipeline: 16))"
            + " vs_direct_p16=\(speed(.direct, pipeline: 16))"
            + " redis_cpu_vs_direct_p1=\(ratio(\.serverTime))"
            + " user_us_p1=\(own(\.userTime)) system_us_p1=\(own(\.systemTime))"
            + " p99_vs_direct=\(ratio(\.pacedP99)) p99_saturated_vs_direct=\(ratio(\.p99))")
}

do {
    let arguments = CommandLine.arguments
    if (4...6).contains(arguments.count), arguments[1] == "serve",
        let port = UInt16(arguments[2]), let server = UInt16(arguments[3])
    {
        try serve(
            port: port, server: server, certificates: arguments.dropFirst(4).first,
            serverSpeaksTLS: arguments.count == 6)
    }
    let runs = workbench.number("RUNS", default: 5)
    report(try measure(runs: runs), runs: runs)
} catch {
    workbench.say("bench-balancer: \(error)")
    exit(1)
}
