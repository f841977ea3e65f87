import Glibc
import Laboratory
import Workbench

/// What programs that watch each other cost while nothing happens.
struct Gauge {
    /// Of one core, in percent; one program each.
    var cpuPercents: [Double] = []
    /// Which they sent each other in a second, all together, requests and answers.
    var messagesPerSecond = 0.0

    var cpuWorst: Double { cpuPercents.max() ?? 0 }

    /// Looks at these programs, one a host, for some seconds.
    static func read(_ programs: [(Program, Host)], seconds: Int) throws -> Gauge {
        for (_, host) in programs { try count(on: host) }
        let before = try programs.map { (try time(of: $0.0), try messages(on: $0.1)) }
        sleep(UInt32(seconds))
        let after = try programs.map { (try time(of: $0.0), try messages(on: $0.1)) }
        var gauge = Gauge()
        var messageCount = 0
        for (old, new) in zip(before, after) {
            gauge.cpuPercents.append(
                Double(new.0 - old.0) / 1e9 / Double(seconds) * 100)
            messageCount += new.1 - old.1
        }
        gauge.messagesPerSecond = Double(messageCount) / Double(seconds)
        return gauge
    }

    private static func time(of program: Program) throws -> UInt64 {
        guard let time = ProcessorTime.nanoseconds(of: program), time > 0 else {
            throw GaugeFailure(
                description: "this kernel does not tell how long process \(program.pid) ran")
        }
        return time
    }

    /// A table of the benchmark's own counts what leaves the host for another's node: segments with
    /// the PSH flag, since each message is written at once.
    private static func count(on host: Host) throws {
        let rules = """
            table inet idle {
              chain out {
                type filter hook output priority 300;
                oifname "lo" accept
                tcp flags & psh == psh tcp sport \(BatonSettings.port) counter
                tcp flags & psh == psh tcp dport \(BatonSettings.port) counter
              }
            }
            """
        let (ending, output) = try host.execute("nft", [rules])
        guard ending == .exited(0) else { throw GaugeFailure(description: output) }
    }

    private static func messages(on host: Host) throws -> Int {
        let (ending, output) = try host.execute("nft", ["list", "table", "inet", "idle"])
        guard ending == .exited(0) else { throw GaugeFailure(description: output) }
        let words = output.split(whereSeparator: \.isWhitespace)
        return zip(words, words.dropFirst()).reduce(0) { sum, pair in
            pair.0 == "packets" ? sum + (Int(pair.1) ?? 0) : sum
        }
    }
}

/// What could not be looked at, in the program's words.
struct GaugeFailure: Error, CustomStringConvertible {
    let description: String
}
