import Laboratory
import LeaseCore
import MonotonicTime
import Testing

extension EndToEnd {
    @Suite("Hosts without a packet filter", .timeLimit(.minutes(1)))
    struct LifetimeTests {
        private static let terms = LeaseTerms(
            promise: .milliseconds(4500), enforcement: .addressLifetime)
        private static let settings = BatonSettings(lines: [
            "baton lease-milliseconds \(terms.promise.milliseconds)",
            "baton enforcement \(terms.enforcement.rawValue)",
        ])

        @Test("the holder's node is stopped: its address goes by itself, and never is at two hosts")
        func stopped() throws {
            try Story.tell(Self.settings) { story in
                let hosts = story.cluster.servers.map(\.host)
                for host in hosts {
                    let tables = try host.execute("nft", ["list", "tables"]).output
                    #expect(!tables.contains("baton"))
                }
                let baton = try #require(BatonExecutable.find())
                let status = try hosts[1].execute(baton, ["status"]).output
                #expect(status.contains("no packet filter here"), "\(status)")

                let writer = try story.startWriter()
                let watch = HolderWatch(hosts)
                let prober = try Prober(hosts, in: story.laboratory)
                let fault = Laboratory.now
                story.cluster.nodes[0].pause()
                let pause = try story.pause(of: writer, since: fault, atMost: .seconds(15))
                story.report("SIGSTOP of the holder's node: no writes for \(pause.text)")
                story.cluster.nodes[0].resume()
                let primary = try story.cluster.waitUntilSettled()
                #expect(primary !== story.cluster.servers[0])
                watch.stop()
                let log = prober.stop()
                #expect(log.twoHolders == .zero, "\(log.overlaps)")
                let silence = try #require(log.last(of: "redis01", since: fault)).received - fault
                story.report("silent \(silence.text) after it")
                // The last renewal was before.
                #expect(silence < Self.terms.use + Self.terms.lateness)
                let holdings = watch.holdings(of: hosts[0], since: fault)
                #expect(holdings.count == 1)
                #expect(holdings.first?.end != nil)
                writer.stop()
            }
        }

        @Test("a planned switchover loses nothing there either")
        func switchover() throws {
            try Story.tell(Self.settings) { story in
                let baton = try #require(BatonExecutable.find())
                let hosts = story.cluster.servers.map(\.host)
                let writer = try story.startWriter()
                let prober = try Prober(hosts, in: story.laboratory)
                let order = Laboratory.now
                let (ending, output) = try hosts[0].execute(baton, ["switchover"])
                #expect(ending == .exited(0), "\(output)")
                let primary = try story.cluster.waitUntilSettled()
                #expect(primary !== story.cluster.servers[0])
                let gap = try #require(writer.log.longestGap(since: order)).length
                story.report("switchover: no writes for \(gap.text)")
                writer.stop()
                #expect(try writer.lost(on: try primary.connect()).isEmpty)
                #expect(prober.stop().twoHolders == .zero)
            }
        }
    }
}
