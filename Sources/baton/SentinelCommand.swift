import ArgumentParser
import Glibc
import SentinelCore
import SentinelDriver
import SentinelFile
import SentinelPort

/// `baton sentinel FILE`: a drop-in for redis-sentinel and valkey-sentinel.
struct SentinelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sentinel",
        abstract: "Run as redis-sentinel or valkey-sentinel, with their file and their peers.",
        usage: "baton sentinel FILE [--DIRECTIVE VALUE ...]",
        discussion: """
            FILE is a sentinel.conf as redis-sentinel has it; like there, it is rewritten, and \
            must be writable. Real Sentinels can be the others. The program does the same when it \
            is called redis-sentinel or valkey-sentinel, or redis-server with --sentinel.

            EXAMPLES:
              baton sentinel /etc/redis/sentinel.conf
              baton sentinel /etc/redis/sentinel.conf --port 26380 --loglevel verbose
              ln -s baton redis-sentinel && ./redis-sentinel sentinel.conf

            EXIT STATUS:
              0   it was told to end
              1   it could not start; the reason is on standard error
            """)

    @Argument(parsing: .captureForPassthrough, help: "The file, then directives.")
    var words: [String] = []

    func run() async throws {
        do {
            try await Self.run(words)
        } catch let refusal as Refusal {
            throw refusal.end("sentinel")
        }
    }

    /// With the words of a command line behind the program's name.
    static func run(_ words: [String]) async throws {
        let arguments = try SentinelArguments(words)
        switch arguments.request {
        case .help: print(SentinelCommand.helpMessage())
        case .version:
            print(
                "Redis server v=\(PortSettings.compatibleVersion) sha=00000000:0 malloc=libc"
                    + " bits=64 build=baton-\(Baton.version)")
        case .run(let file):
            let files = try SentinelFiles.read(file, directives: arguments.directives)
            try await SentinelService(files).run()
        }
    }
}
