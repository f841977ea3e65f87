import Addressing
import Laboratory
import MonotonicTime

/// The demonstration on a terminal: a picture that is drawn over and over, and keys that do harm.
struct DemoView: ~Copyable {
    private let cluster: DemoCluster
    private let observation: DemoObservation
    private var writer: Writer
    private var writerNumber = 1
    /// Attempts of this writer that the pulse has.
    private var seenCount = 0
    private var pulse = WritePulse()
    /// Of reads; `nil` where there are no balancers.
    private var reader: Writer?
    private var seenReadCount = 0
    private var readPulse = WritePulse()
    private let reads: DemoReads
    private var events: DemoEvents
    private var harm: DemoHarm

    /// Ten pictures a second: a person sees no more, and keys are still answered at once.
    private static let pauseMilliseconds: Int32 = 100
    private static let readyLimit = Interval.seconds(20)

    /// Builds, shows, and removes everything.
    static func show(onLoopback: Bool) throws {
        defer { Laboratory.closeAll() }
        let balancers = onLoopback ? "" : ", two balancers"
        Terminal.output.write(
            "Starting three Redis servers, three Baton nodes\(balancers) and a client …\n")
        let cluster = try DemoCluster(onLoopback: onLoopback)
        try cluster.waitUntilReady(atMost: readyLimit)
        var view = DemoView(cluster)
        // From here on signals end the picture, and then everything as if q had been pressed.
        let interruption = Interruption()
        view.run(until: interruption)
        Terminal.output.write("Removing everything …\n")
        // Held until the end: a second Ctrl-C must not stop the removal half-way.
        Laboratory.closeAll()
        _ = interruption.wait(seconds: 0)
    }

    private init(_ cluster: DemoCluster) {
        self.cluster = cluster
        observation = DemoObservation(of: cluster)
        writer = cluster.startWriter()
        reader = cluster.startReader()
        reads = DemoReads(of: cluster)
        events = DemoEvents(of: cluster.nodes + cluster.balancers)
        harm = DemoHarm(cluster)
    }

    private mutating func run(until interruption: borrowing Interruption) {
        guard let keyboard = Keyboard() else { return }
        let screen = Screen(terminal: .output)
        screen.enter()
        defer { screen.leave() }
        while !interruption.wait(seconds: 0) {
            watch()
            draw(on: screen)
            for key in keyboard.keys(waitMilliseconds: Self.pauseMilliseconds) {
                if key == "q" { return }
                if let done = harm.press(key, observation.hosts) {
                    events.add(DemoEvent(now: done, source: "you"))
                }
            }
        }
    }

    private mutating func watch() {
        // Each writer counts its own attempts; it stops after half an hour, and the next goes on.
        if writer.isFinished {
            writerNumber += 1
            writer = cluster.startWriter(keyPrefix: "demo:\(writerNumber):")
            seenCount = 0
        }
        let new = writer.attempts(after: seenCount)
        seenCount += new.count
        pulse.add(new)
        if let reader {
            if reader.isFinished {
                self.reader = cluster.startReader()
                seenReadCount = 0
            } else {
                let new = reader.attempts(after: seenReadCount)
                seenReadCount += new.count
                readPulse.add(new)
            }
        }
        events.readOn()
    }

    private var reading: DemoPicture.Reading? {
        guard let endpoint = cluster.readEndpoint else { return nil }
        let rows = zip(cluster.balancers, reads.balancers).map { balancer, report in
            DemoPicture.BalancerRow(
                name: balancer.host.name, isRunning: balancer.isRunning,
                group: report?.groups.first)
        }
        return DemoPicture.Reading(
            address: "\(endpoint.address)", balancers: rows, pulse: readPulse)
    }

    private func draw(on screen: Screen) {
        let sights = observation.hosts
        let rows = cluster.servers.indices.map { index in
            let server = cluster.servers[index]
            return DemoPicture.HostRow(
                name: server.host.name, address: "\(server.endpoint.address)",
                port: server.endpoint.port, sight: sights[index],
                isStopped: harm.stopped.contains(index),
                isIsolated: harm.isolated.contains(index),
                nodeIsRunning: cluster.nodes[index].isRunning)
        }
        let picture = DemoPicture(
            hosts: rows,
            writeAddress: cluster.isOnLoopback
                ? "\(cluster.writeEndpoint)" : "\(cluster.writeEndpoint.address)",
            command: cluster.clientCommand, isOnLoopback: cluster.isOnLoopback, pulse: pulse,
            now: Laboratory.now, events: events.events, reading: reading)
        let size = screen.terminal.size ?? (columns: 80, rows: 24)
        screen.draw(picture.lines(columns: size.columns, rows: size.rows))
    }
}
