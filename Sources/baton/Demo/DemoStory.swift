import Addressing
import ArgumentParser
import Glibc
import Laboratory
import MonotonicTime
import RESP

/// The demonstration without a terminal: one failover from its beginning to its end, told line by
/// line. Each wait has an end, and all of them together end within a minute.
struct DemoStory {
    let onLoopback: Bool
    private let begin = Laboratory.now

    /// Together with the laboratory's own limits less than a minute.
    private static let readyLimit = Interval.seconds(15)
    private static let nextWriteLimit = Interval.seconds(15)
    private static let returnLimit = Interval.seconds(10)
    /// Long enough for a few hundred writes.
    private static let writingMicroseconds: UInt32 = 1_500_000

    init(onLoopback: Bool) {
        self.onLoopback = onLoopback
    }

    /// Throws what went wrong; everything is removed in any case.
    func play() throws {
        defer { Laboratory.closeAll() }
        let balancers = onLoopback ? "" : ", two balancers"
        say("Three Redis servers, three Baton nodes\(balancers) and a client are being started.")
        let cluster = try DemoCluster(onLoopback: onLoopback)
        var events = DemoEvents(of: cluster.nodes)
        try cluster.waitUntilReady(atMost: Self.readyLimit)
        events.readOn()
        introduce(cluster)

        let writer = cluster.startWriter()
        let reader = cluster.startReader()
        usleep(Self.writingMicroseconds)
        let count = writer.log.acknowledged.count
        guard count > 0 else { throw DemoCluster.Failure(description: "no write is acknowledged") }
        say("\(count) writes so far, one every 5 ms. Now redis01's Redis is killed (kill -9).")

        let kill = Laboratory.now
        cluster.servers[0].kill()
        let came = writer.waitForAcknowledgement(after: kill, atMost: Self.nextWriteLimit)
        tell(events.readOn(), cluster)
        guard came, let pause = writer.log.longestGap(since: kill) else {
            throw DemoCluster.Failure(
                description: "no write within \(Self.nextWriteLimit.milliseconds / 1000) s: "
                    + DemoPicture.words(for: writer.log.attempts.last?.outcome))
        }
        let successor = try findSuccessor(cluster)
        say(
            "Writes go on after \(pause.length.milliseconds) ms, through the same address: "
                + "\(cluster.servers[successor].host.name) is the primary.")
        try tellReads(reader, since: kill)
        try playReturn(cluster, successor: successor, &events)

        let log = writer.stop()
        let (failed, lost) = try reckon(writer, log, cluster.servers[successor])
        say(
            "Of \(log.acknowledged.count) acknowledged writes \(lost) were lost; \(failed) failed "
                + "and were known to have failed.")
        Laboratory.closeAll()
        say("Everything is removed.")
    }

    /// What a client that reads through the balancers had of it.
    private func tellReads(_ reader: Writer?, since kill: Instant) throws {
        guard let reader else { return }
        let log = reader.stop()
        guard let gap = log.longestGap(since: kill) else {
            throw DemoCluster.Failure(description: "no read is answered")
        }
        let failed = log.attempts.count - log.acknowledged.count
        say(
            "Meanwhile \(log.acknowledged.count) reads through the read address: \(failed) failed, "
                + "none waited longer than \(gap.length.milliseconds) ms.")
    }

    private func playReturn(
        _ cluster: DemoCluster, successor: Int, _ events: inout DemoEvents
    ) throws {
        say("The old primary is started again.")
        let old = cluster.servers[0]
        let start = Laboratory.now
        try old.start()
        let up = Laboratory.now
        // Settled: it follows the new primary, and that one counts it.
        try old.waitUntilReplicating(atMost: Self.returnLimit)
        let back = Laboratory.now
        try cluster.servers[successor].waitUntilFollowed(
            byReplicas: cluster.servers.count - 1, atMost: Self.returnLimit)
        tell(events.readOn(), cluster)
        say(
            "It is a replica of the new primary after \((back - start).milliseconds) ms, "
                + "\((back - up).milliseconds) ms after it answered.")
        let observation = DemoObservation(of: cluster)
        usleep(300_000)
        let holders = zip(cluster.servers, observation.hosts).filter { $0.1.holdsAddress }
            .map { $0.0.host.name }
        observation.stop()
        guard holders == [cluster.servers[successor].host.name] else {
            throw DemoCluster.Failure(
                description: "the write address is held by "
                    + (holders.isEmpty ? "nobody" : holders.joined(separator: " and ")))
        }
    }

    /// How many attempts failed, and how many acknowledged writes the primary does not hold.
    private func reckon(
        _ writer: Writer, _ log: WriteLog, _ primary: RedisServer
    ) throws -> (failed: Int, lost: Int) {
        let lost = try writer.lost(on: try primary.connect())
        return (log.attempts.count - log.acknowledged.count, lost.count)
    }

    /// The server, other than the first, that says that it is the primary.
    private func findSuccessor(_ cluster: DemoCluster) throws -> Int {
        for index in cluster.servers.indices.dropFirst() {
            let role = try? cluster.servers[index].connect().command("ROLE").elements
            if role?.first?.text == "master" { return index }
        }
        throw DemoCluster.Failure(description: "no replica says that it is the primary")
    }

    private func introduce(_ cluster: DemoCluster) {
        for (index, server) in cluster.servers.enumerated() {
            let role = index == 0 ? "primary" : "replica"
            say("  \(server.host.name)  \(server.endpoint)  \(role)")
        }
        let kind =
            onLoopback ? "the port that follows the primary" : "the write address, on redis01"
        say("  clients  \(cluster.writeEndpoint)  \(kind)")
        if let readEndpoint = cluster.readEndpoint {
            say("  reads    \(readEndpoint)  the read address, shared by lb01 and lb02")
        }
        say("  to look in: \(cluster.clientCommand)")
    }

    /// What a reader needs of what the nodes logged.
    private func tell(_ events: [DemoEvent], _ cluster: DemoCluster) {
        let hosts = cluster.servers.map { ($0.host.name, "\($0.endpoint.address)") }
        let names: Set<Substring> = [
            "+evidence", "+sdown", "+odown", "+try-failover", "+elected-leader", "+selected-slave",
            "+promoted-slave", "+switch-master", "+address", "-address", "+convert-to-slave",
            "-sdown",
        ]
        for event in events {
            // What is no event is a remark, and rare: it says why something went otherwise.
            let isRemark = !event.text.hasPrefix("+") && !event.text.hasPrefix("-")
            guard isRemark || names.contains(event.text.prefix { $0 != " " }) else { continue }
            say("    \(event.time) \(event.source)  \(event.brief(naming: hosts))")
        }
    }

    private func say(_ text: String) {
        let tenths = (Laboratory.now - begin).milliseconds / 10
        let (seconds, rest) = (tenths / 100, tenths % 100)
        let stamp = "\(seconds < 10 ? " " : "")\(seconds).\(rest < 10 ? "0" : "")\(rest) s"
        Terminal.output.write("\(stamp)  \(text)\n")
    }
}
