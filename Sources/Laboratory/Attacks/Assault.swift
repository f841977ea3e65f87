import Addressing
import Glibc
import MonotonicTime

/// One attack as it goes on: who is hurt, and when.
struct Assault {
    let scene: AttackScene
    let prober: Prober
    /// The primary when it begins; its host holds the address.
    let server: RedisServer
    /// When something was hurt: what was acknowledged shortly before or after may be lost.
    private(set) var moments: [Instant] = []

    init(_ scene: AttackScene, _ prober: Prober, on server: RedisServer) {
        self.scene = scene
        self.prober = prober
        self.server = server
    }

    private var holder: Host { server.host }
    private var node: BatonNode { scene.cluster.node(on: holder) }
    private var laboratory: Laboratory { scene.laboratory }
    private var otherServers: [RedisServer] {
        scene.cluster.servers.filter { $0 !== server }
    }

    /// Nothing that an attack waits for takes so long.
    private static let patience = Interval.seconds(10)

    /// Returns when all that belongs to the attack has been done; what it has begun goes on.
    mutating func inflict(_ attack: Attack) throws(LaboratoryError) {
        moments.append(Laboratory.now)
        switch attack {
        case .killServer: server.kill()
        case .stopServer: server.pause()
        case .killNode: node.kill()
        case .stopNode: node.pause()
        case .killBoth:
            node.program?.send(signal: SIGKILL)
            server.kill()
        case .stopBoth:
            node.pause()
            server.pause()
        case .cutFromPeers: try laboratory.isolate(holder, from: [.internal], by: .silence)
        case .cutWithClients: try laboratory.part([holder, scene.inside])
        case .cutFromClients: try laboratory.isolate(holder, from: [.external], by: .silence)
        case .unplugged: try laboratory.isolate(holder, by: .carrierLoss)
        case .cutSilently: try laboratory.isolate(holder, by: .silence)
        case .deaf: try laboratory.lose(.inbound, of: holder, on: [.internal])
        case .mute: try laboratory.lose(.outbound, of: holder, on: [.internal])
        case .minorityWithClients:
            try laboratory.part([otherServers[0].host, scene.inside])
        case .rulesFlushed: try flushRules()
        case .rulesFlushedThenStopped:
            try flushRules()
            pause(.milliseconds(600))
            moments.append(Laboratory.now)
            node.pause()
        case .addressDeleted: try change("del", [])
        case .returnWithAddress: try die()
        case .leaderDies: try killLeader()
        case .twoFailures: killSuccessor()
        case .diskFull: try fillDisk()
        case .frozenWhileTaking: try freezeSuccessor()
        case .forgedClaims: claim()
        }
        // A program makes the cut, at some time between the two.
        if attack.isolatesHolder { moments.append(Laboratory.now) }
    }

    private func flushRules() throws(LaboratoryError) {
        for host in scene.hosts { try scene.run("nft", ["flush", "ruleset"], on: host) }
    }

    /// Two renewals of a lease, and more.
    private func pause(_ length: Interval) {
        usleep(UInt32(length.nanoseconds / 1_000))
    }

    private func change(_ verb: String, _ more: [String]) throws(LaboratoryError) {
        let words =
            ["address", verb, "\(Plan.writeAddress)/32", "dev", Plan.Network.external.interface]
        try scene.run("ip", words + more, on: holder)
    }

    /// The address stays for ever, as if somebody had configured it by hand.
    private func die() throws(LaboratoryError) {
        node.kill()
        server.kill()
        try change("change", ["valid_lft", "forever", "preferred_lft", "forever"])
    }

    // MARK: Unlucky moments

    /// Each node's elections so far.
    private func elections() -> [Int] {
        scene.cluster.nodes.map { $0.events("+elected-leader").count }
    }

    private mutating func killLeader() throws(LaboratoryError) {
        let before = elections()
        server.kill()
        let leader = scene.look(atMost: Self.patience) {
            zip(elections(), before).enumerated().first { $1.0 > $1.1 }?.offset
        }
        guard let leader else { throw notSeen("a leader") }
        scene.cluster.nodes[leader].kill()
        moments.append(Laboratory.now)
    }

    private mutating func killSuccessor() {
        server.kill()
        let next = prober.waitForAnswer(
            of: otherServers.map(\.host.name), since: moments[0], atMost: .milliseconds(500))
        let successor = otherServers.first { $0.host.name == next?.host } ?? otherServers[0]
        moments.append(Laboratory.now)
        successor.kill()
    }

    /// The lease goes on without a disk; a vote does not.
    private mutating func fillDisk() throws(LaboratoryError) {
        try scene.limitFiles(of: node, toBytes: 0)
        pause(.milliseconds(600))
        moments.append(Laboratory.now)
        server.kill()
    }

    /// It is frozen as soon as its interface has the address: what it would still send to tell the
    /// network is due when it is thawed.
    private mutating func freezeSuccessor() throws(LaboratoryError) {
        server.kill()
        let others = otherServers
        let seen = scene.look(atMost: Self.patience) {
            others.first { $0.host.has(Plan.writeAddress) }
        }
        guard let successor = seen else { throw notSeen("a next holder") }
        let frozen = scene.cluster.node(on: successor.host)
        frozen.pause()
        moments.append(Laboratory.now)
        let third = others.filter { $0 !== successor }.map(\.host.name)
        let next = prober.waitForAnswer(of: third, since: moments[0], atMost: Self.patience)
        frozen.resume()
        moments.append(Laboratory.now)
        guard next != nil else { throw notSeen("a third holder") }
    }

    /// Both forms of an announcement, from a host that is none of the cluster's.
    private func claim() {
        let stranger = MACAddress(bits: 0x02_BA_DB_AD_BA_D0)
        let address = Plan.writeAddress
        let routine = Routine(on: scene.inside, every: .milliseconds(100)) {
            let socket = try? PortSocket(port: Plan.Network.external.interface)
            let forms = [
                (1 as UInt16, MACAddress(bits: 0)), (2, stranger),
            ].map { operation, target in
                ProbeFrames.arp(
                    operation, from: stranger, address, to: .broadcast, (target, address))
            }
            return { forms.forEach { socket?.send($0) } }
        }
        scene.ongoing.with { $0.append(routine) }
    }

    private func notSeen(_ what: String) -> LaboratoryError {
        .notReady(program: what, after: Self.patience, log: scene.cluster.logEnds)
    }
}
