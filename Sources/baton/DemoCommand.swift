import ArgumentParser
import Glibc
import Laboratory

/// `baton demo`
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show a whole cluster on this machine: kill its primary, and writes go on.",
        discussion: """
            As root: three hosts with real redis-servers and `baton run`, and a client, each in a \
            network namespace of its own; the write address really moves, and hosts can be cut \
            off. Otherwise the same on loopback, behind a port that follows the primary.

            On a terminal it is a picture with keys that do harm. Else, or with --story, it plays \
            the story once: start, write, kill, write again, return. Everything is removed at the \
            end, also after Ctrl-C; what a crashed demonstration left, the next one removes.

            EXAMPLES:
              sudo baton demo             look, and press k
              sudo baton demo --story     a minute at most, line by line
              baton demo --loopback       without namespaces, also as root

            EXIT STATUS:
              0   shown; the story went as it should
              1   the story went otherwise, or something is missing
            """)

    @Flag(help: "Play the story once, line by line, also on a terminal.")
    var story = false

    @Flag(help: "On loopback ports instead of network namespaces, also as root.")
    var loopback = false

    func run() throws {
        let availability = Laboratory.availability
        if let obstacle = availability.loopbackObstacles.first {
            throw refuse(obstacle)
        }
        let isOnLoopback = loopback || !availability.permitsNamespaces
        let tells = story || !Terminal.output.isInteractive || isatty(STDIN_FILENO) != 1
        Laboratory.closeAllOnSignals()
        if isOnLoopback { explainLoopback(availability) }
        do {
            if tells {
                try DemoStory(onLoopback: isOnLoopback).play()
            } else {
                try DemoView.show(onLoopback: isOnLoopback)
            }
        } catch {
            Laboratory.closeAll()
            if Laboratory.isEndedBySignal {
                // What was closed under its feet has failed, and that is no news. The signal ends
                // the process now, and a shell is to see that it did.
                sleep(Self.signalSeconds)
            } else {
                Terminal.errors.write("baton demo: \(error)\n")
            }
            throw ExitCode(1)
        }
    }

    /// Much longer than the signal takes once everything is removed.
    private static let signalSeconds: UInt32 = 2

    private func refuse(_ obstacle: Obstacle) -> ExitCode {
        var sentence = "baton demo: \(obstacle)"
        if case .programMissing(let name) = obstacle {
            sentence += "; install it with: sudo apt-get install --no-install-recommends \(name)"
        }
        Terminal.errors.write(sentence + "\n")
        return ExitCode(1)
    }

    /// What the picture leaves out must not look as if it were not there.
    private func explainLoopback(_ availability: Availability) {
        let reason = loopback ? nil : availability.namespaceObstacles.first.map(Self.reason)
        Terminal.output.write(
            """
            On loopback\(reason.map { " (\($0))" } ?? ""):
            real servers, real nodes, a real failover, but a port of the demonstration
            stands for the write address. So this can't show an address that moves, the ARP
            that tells neighbours of it, or a host that is cut off. For all of that:
            sudo baton demo

            """)
    }

    private static func reason(_ obstacle: Obstacle) -> String {
        switch obstacle {
        case .capabilityMissing, .namespaceRefused: "\(obstacle)"
        case .programMissing(let name):
            "\(name) is not installed; its package: sudo apt-get install iproute2"
        }
    }
}
