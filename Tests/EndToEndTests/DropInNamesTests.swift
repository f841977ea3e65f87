import Addressing
import FoundationEssentials
import Glibc
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    @Suite("Names in a sentinel.conf", .timeLimit(.minutes(1)))
    struct DropInNamesTests {
        /// A name server that hears every question and answers none, where the machine's would be.
        private final class SilentNameServer {
            private let descriptors: [Int32]

            init(on host: Host) throws {
                let text = (try? String(contentsOfFile: "/etc/resolv.conf", encoding: .utf8)) ?? ""
                var addresses: [IPAddress] = []
                for line in text.split(separator: "\n") {
                    let words = line.split(separator: " ")
                    guard words.first == "nameserver", words.count > 1 else { continue }
                    if let address = IPAddress(String(words[1])) { addresses.append(address) }
                }
                // Where none is named, the resolver asks this one.
                if addresses.isEmpty { addresses = [.v4(IPv4Address(127, 0, 0, 1))] }
                for address in addresses {
                    // Those of the loopback interface are there already.
                    _ = try host.execute("ip", ["address", "add", "\(address)", "dev", "lo"])
                }
                let places = addresses
                descriptors = host.run { places.map(Self.listen) }
                try #require(!descriptors.contains { $0 < 0 })
            }

            deinit {
                for descriptor in descriptors { close(descriptor) }
            }

            private static func listen(_ address: IPAddress) -> Int32 {
                let family =
                    switch address {
                    case .v4: AF_INET
                    case .v6: AF_INET6
                    }
                let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue), 0)
                var storage = sockaddr_storage()
                withUnsafeMutableBytes(of: &storage) { bytes in
                    switch address {
                    case .v4(let address):
                        var place = sockaddr_in()
                        place.sin_family = sa_family_t(AF_INET)
                        place.sin_port = UInt16(53).bigEndian
                        place.sin_addr.s_addr = address.bits.bigEndian
                        bytes.storeBytes(of: place, as: sockaddr_in.self)
                    case .v6(let address):
                        var place = sockaddr_in6()
                        place.sin6_family = sa_family_t(AF_INET6)
                        place.sin6_port = UInt16(53).bigEndian
                        withUnsafeMutableBytes(of: &place.sin6_addr) {
                            $0.copyBytes(from: address.octets)
                        }
                        bytes.storeBytes(of: place, as: sockaddr_in6.self)
                    }
                }
                let status = withUnsafePointer(to: storage) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_storage>.size))
                    }
                }
                return status == 0 ? descriptor : -1
            }
        }

        @Test("one that no server resolves holds up neither start, answers, failover nor end")
        func unreachable() throws {
            let settings = SentinelSettings(
                downAfter: .seconds(1), failoverTimeout: .seconds(5),
                lines: [
                    "sentinel resolve-hostnames yes",
                    "sentinel monitor far redis.far.example 6379 2",
                ])
            try DropInStory.prepare(settings) { story in
                let fleet = story.fleet
                let silence = try fleet.servers.map { try SilentNameServer(on: $0.host) }
                let start = Laboratory.now
                for sentinel in fleet.sentinels { try sentinel.start() }
                var slowest = Interval.zero
                story.wait(atMost: .seconds(5), for: "no start") {
                    fleet.sentinels.allSatisfy { $0.ask("PING") == .simple("PONG") }
                }
                story.report("a name that nobody resolves: start \((Laboratory.now - start).text)")
                let old = try fleet.hasten()
                old.kill()
                let down = Laboratory.now
                story.wait(atMost: .seconds(10), for: "no failover") {
                    for sentinel in fleet.sentinels {
                        let question = Laboratory.now
                        #expect(sentinel.ask("PING") == .simple("PONG"))
                        slowest = max(slowest, Laboratory.now - question)
                    }
                    return fleet.sentinels.allSatisfy {
                        ![nil, old.endpoint].contains($0.primary())
                    }
                }
                story.report(
                    "the same: failover \((Laboratory.now - down).text), slowest answer "
                        + slowest.text)
                #expect(slowest < .milliseconds(500))
                let end = Laboratory.now
                for sentinel in fleet.sentinels { sentinel.program?.send(signal: SIGTERM) }
                for sentinel in fleet.sentinels {
                    #expect(sentinel.terminate(atMost: .seconds(3)) == .exited(0))
                }
                story.report("the same: end \((Laboratory.now - end).text)")
                withExtendedLifetime(silence) {}
            }
        }
    }
}
