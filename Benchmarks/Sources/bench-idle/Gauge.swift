import Glibc
import Laboratory

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
        let before = try programs.map { (ticks(of: $0.0), try messages(on: $0.1)) }
        sleep(UInt32(seconds))
        let after = try programs.map { (ticks(of: $0.0), try messages(on: $0.1)) }
        var gauge = Gauge()
        let ticksASecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        var messageCount = 0
        for (old, new) in zip(before, after) {
            gauge.cpuPercents.append(
                Double(new.0 - old.0) / ticksASecond / Double(seconds) * 100)
            messageCount += new.1 - old.1
        }
        gauge.messagesPerSecond = Double(messageCount) / Double(seconds)
        return gauge
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

    /// Time on a processor, of the program itself and of the kernel for it (proc(5), 14 and 15).
    private static func ticks(of program: Program) -> Int {
        guard let file = fopen("/proc/\(program.pid)/stat", "r") else { return 0 }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        // The name in parentheses may hold anything.
        guard let end = text.lastIndex(of: ")") else { return 0 }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 13 else { return 0 }
        return (Int(fields[12]) ?? 0) + (Int(fields[13]) ?? 0)
    }
}

/// What could not be looked at, in the program's words.
struct GaugeFailure: Error, CustomStringConvertible {
    let description: String
}
