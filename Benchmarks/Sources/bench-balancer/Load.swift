import Workbench

/// What `redis-benchmark` is asked to do: GET of three bytes.
struct Load: Hashable, CaseIterable {
    var connections: Int
    var pipeline: Int

    static let allCases = [50, 300].flatMap { connections in
        [1, 16].map { Load(connections: connections, pipeline: $0) }
    }

    /// One to two seconds: a run of a quarter of one is mostly its own beginning.
    var requestCount: Int { pipeline == 1 ? 150_000 : 1_500_000 }

    /// Runs it once.
    func run(port: Int) throws -> (requestsPerSecond: Double, p99: Double) {
        let output = try Child.output(of: [
            "redis-benchmark", "-p", "\(port)", "-t", "get", "-c", "\(connections)", "-P",
            "\(pipeline)", "-n", "\(requestCount)", "-d", "3", "--csv",
        ])
        // "test","rps","avg_latency_ms","min","p50","p95","p99","max"
        guard let line = output.split(separator: "\n").last(where: { $0.hasPrefix("\"GET") })
        else { throw BenchFailure("redis-benchmark on \(port): \(output)") }
        let fields = line.split(separator: ",").map { $0.filter { $0 != "\"" } }
        guard fields.count >= 7, let rate = Double(fields[1]), let p99 = Double(fields[6]) else {
            throw BenchFailure("redis-benchmark: \(line)")
        }
        return (rate, p99)
    }
}
