import ArgumentParser

@main
struct Baton: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baton",
        abstract: "High availability for Redis and Valkey behind addresses that never change.",
        discussion: """
            Baton runs on every host beside Redis. It watches, votes, promotes a replica when the \
            primary dies, and moves the write address to it: clients go on writing to the same \
            address, with any ordinary client.

            EXAMPLES:
              sudo baton demo                      a whole cluster on this machine; press k
              baton check /etc/baton/baton.conf    what is wrong with the file, all at once
              baton run /etc/baton/baton.conf      watch, vote, hold the address
              baton status --watch                 who is primary, who holds the address
              baton switchover --to redis02        hand over, losing nothing
              baton pause orders --for 2h          no failover by itself
              baton history                        what every failover cost, and why
              baton sentinel sentinel.conf         in place of redis-sentinel
              baton simulate --seeds 1..1000       clusters under virtual time, with faults
            """,
        version: version,
        subcommands: [
            RunCommand.self, DemoCommand.self, CheckCommand.self, StatusCommand.self,
            HistoryCommand.self, SwitchoverCommand.self, FailoverCommand.self,
            PauseCommand.self, ResumeCommand.self, SentinelCommand.self,
            SimulateCommand.self,
        ])

    /// Under the name of Redis's or Valkey's Sentinel, or as their server with `--sentinel`, the
    /// program is one.
    static func main() async {
        guard let words = SentinelArguments.words(calledAs: CommandLine.arguments) else {
            return await main(nil)
        }
        do {
            try await SentinelCommand.run(words)
        } catch {
            exit(withError: (error as? Refusal)?.end("sentinel") ?? error)
        }
    }

    /// As `baton --version` prints it.
    static let version = "0.1.0"
}
