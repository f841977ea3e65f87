import Addressing
import FoundationEssentials
import Glibc
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    @Suite("A Sentinel with many clients", .timeLimit(.minutes(1)))
    struct DropInCrowdTests {
        /// Connections that are only held, from one host to one place.
        private final class Crowd: Sendable {
            let descriptors: [Int32]

            /// `greeting` is sent at once, and nothing is ever read; at most `unreadMax` bytes fit.
            init(
                _ count: Int, from host: Host, to place: Endpoint, greeting: String = "",
                unreadMax: Int32? = nil
            ) {
                descriptors = host.run {
                    (0..<count).map { _ in Self.connect(place, greeting, unreadMax) }
                }
            }

            deinit {
                for descriptor in descriptors { close(descriptor) }
            }

            private static func connect(
                _ place: Endpoint, _ greeting: String, _ unreadMax: Int32?
            ) -> Int32 {
                guard case .v4(let bits) = place.address else { return -1 }
                let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                if var unreadMax {
                    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &unreadMax, 4)
                }
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = place.port.bigEndian
                address.sin_addr.s_addr = bits.bits.bigEndian
                let status = withUnsafePointer(to: address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
                let bytes = Array(greeting.utf8)
                guard status == 0, send(descriptor, bytes, bytes.count, 0) == bytes.count else {
                    close(descriptor)
                    return -1
                }
                return descriptor
            }

            var count: Int { descriptors.count { $0 >= 0 } }
        }

        /// Resident memory of a process, in MiB.
        private static func memory(of pid: Int32) -> Int {
            let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
            let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 1_024
        }

        /// A build for debugging takes them at 1.8 ms each: 9,900 would take 17 s.
        private static let idleCount = 2_000
        private static let slowCount = 2

        @Test("answers at once beside thousands of idle clients and subscribers who read nothing")
        func crowd() throws {
            // Both ends of every connection are on this machine.
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let wanted = rlim_t(Self.idleCount + 1_000)
            try #require(limit.rlim_max >= wanted, "too few open files are allowed")
            let former = limit
            limit.rlim_cur = max(limit.rlim_cur, wanted)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            defer {
                var former = former; setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &former)
            }

            try DropInStory.tell { story in
                let sentinel = story.fleet.sentinels[0]
                let pid = try #require(sentinel.program).pid
                let before = Self.memory(of: pid)
                let begin = Laboratory.now
                let idle = Crowd(Self.idleCount, from: story.client, to: sentinel.endpoint)
                #expect(idle.count == Self.idleCount)
                let slow = Crowd(
                    Self.slowCount, from: story.client, to: sentinel.endpoint,
                    greeting: "PSUBSCRIBE *\r\n", unreadMax: 4_096)
                #expect(slow.count == Self.slowCount)
                let client = try sentinel.connect(from: story.client)
                #expect(try client.command("PING") == .simple("PONG"))
                let report = try client.command("INFO", "clients").text ?? ""
                let shown = report.split(whereSeparator: \.isNewline)
                    .first { $0.hasPrefix("connected_clients:") }?.split(separator: ":").last
                #expect((shown.flatMap { Int($0) } ?? 0) > Self.idleCount + Self.slowCount)
                story.report(
                    "\(Self.idleCount) idle clients after \((Laboratory.now - begin).text): "
                        + "\(before) MiB, then \(Self.memory(of: pid)) MiB")

                // Every subscriber is to hear 10 MB, and takes a few kilobytes.
                let long = String(repeating: "x", count: 200_000)
                var slowest = Interval.zero
                var most = 0
                for _ in 0..<50 {
                    let question = Laboratory.now
                    let reply = try client.command(
                        "SENTINEL", "SET", "master1", "rename-command", "A", long)
                    slowest = max(slowest, Laboratory.now - question)
                    #expect(reply == .simple("OK"))
                    most = max(most, Self.memory(of: pid))
                }
                story.report(
                    "the same, events unread: \(most) MiB at the most, slowest order "
                        + slowest.text)
                #expect(most < 150)
                #expect(sentinel.log.contains("A client reads too slowly and was closed"))
                let question = Laboratory.now
                #expect(try client.command("PING") == .simple("PONG"))
                #expect(Laboratory.now - question < .milliseconds(500))
                withExtendedLifetime((idle, slow)) {}
            }
        }
    }
}
