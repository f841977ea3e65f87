import ArgumentParser
import Glibc

/// `baton switchover`: the planned way.
struct SwitchoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switchover",
        abstract: "Hand the primary and the write address over to another host, losing nothing.",
        usage: "baton switchover [--to HOST] [--group GROUP] [--address HOST:PORT]",
        discussion: """
            Writes are paused, the chosen replica catches up, and the address moves: a client \
            sees one connection reset and a pause of some ten milliseconds. Until the replica is \
            promoted, whatever goes wrong leaves everything as it was. A majority of the nodes \
            must agree. The primary must work and be Redis 6.2 or newer; for the rest there is \
            `baton failover`.

            EXAMPLES:
              baton switchover                    to the best replica
              baton switchover --to redis02       to this host's

            EXIT STATUS:
              0   the address has moved
              1   it has not; the reason is on standard error
            """)

    @OptionGroup var options: OrderOptions

    func run() throws {
        try Order(command: "switchover", options: options, isCoordinated: true).run()
    }
}

/// `baton failover`: the way for a primary that does not work, or whose writes can't be paused.
struct FailoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failover",
        abstract: "Replace the primary now, at the price of writes that no replica has.",
        usage: "baton failover --force [--to HOST] [--group GROUP] [--address HOST:PORT]",
        discussion: """
            A replica is promoted as it stands: what the primary acknowledged and the replica has \
            not received is lost. While the primary works, `baton switchover` loses nothing. A \
            majority of the nodes must agree, as always.

            EXAMPLES:
              baton failover --force

            EXIT STATUS:
              0   the address has moved
              1   it has not; the reason is on standard error
            """)

    @Flag(help: "Yes: writes may be lost.")
    var force = false

    @OptionGroup var options: OrderOptions

    func validate() throws {
        guard force else {
            throw ValidationError(
                "this may lose writes: say --force, or use `baton switchover`, which loses none.")
        }
    }

    func run() throws {
        try Order(command: "failover", options: options, isCoordinated: false).run()
    }
}

/// What both orders take.
struct OrderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The host that is to be the primary's, by its name or address.", valueName: "host"))
    var to: String?

    @Option(help: ArgumentHelp("The group, where there are several.", valueName: "group"))
    var group: String?

    @OptionGroup var node: NodeOptions
}
