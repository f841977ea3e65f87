import MonotonicTime
import Testing

@testable import baton

@Suite("The demonstration's picture")
struct DemoPictureTests {
    private static func picture(isOnLoopback: Bool = false) -> DemoPicture {
        var hosts = (1...3).map { number in
            DemoPicture.HostRow(
                name: "redis0\(number)", address: "192.168.11.12\(number + 2)", port: 6379,
                sight: HostSight(
                    server: .replica(of: "192.168.11.123:6379", link: "connected", offset: 900)))
        }
        hosts[0].sight = HostSight(
            server: .primary(offset: 1_000, replicaCount: 2), holdsAddress: true)
        return DemoPicture(
            hosts: hosts, writeAddress: "10.18.14.94",
            command: "ip netns exec baton-1234567-1-client redis-cli -h 10.18.14.94 -a shk9Hjwe",
            isOnLoopback: isOnLoopback, pulse: WritePulse(), now: Instant(nanoseconds: 0),
            events: (0..<40).map { DemoEvent(now: "event \($0)", source: "redis01") })
    }

    private static func text(_ picture: DemoPicture) -> [String] {
        picture.lines(columns: 80, rows: 24).map(\.text)
    }

    @Test("it fills 80 columns and 24 rows and no more", arguments: [false, true])
    func size(isOnLoopback: Bool) {
        let lines = Self.picture(isOnLoopback: isOnLoopback).lines(columns: 80, rows: 24)
        #expect(lines.count == 24)
        #expect(lines.allSatisfy { $0.width <= 80 })
    }

    private static func reading() -> DemoPicture.Reading {
        var group = BalancerReportTests.example.groups[0]
        group.servers[2].sharePercent = 40
        group.servers[1].sharePercent = 60
        return DemoPicture.Reading(
            address: "10.18.14.95",
            balancers: [
                .init(name: "lb01", isRunning: true, group: group),
                .init(name: "lb02", isRunning: false, group: nil),
            ], pulse: WritePulse())
    }

    @Test("with two balancers it still fits, and says who has the read address and who serves")
    func balancers() throws {
        var picture = Self.picture()
        picture.reading = Self.reading()
        let lines = picture.lines(columns: 80, rows: 24)
        #expect(lines.count == 24)
        #expect(lines.allSatisfy { $0.width <= 80 })
        let row = try #require(lines.map(\.text).first { $0.hasPrefix("  lb01") })
        #expect(row.contains("redis02 60 %, redis03 40 %") && row.contains("10.18.14.95"))
        let dead = try #require(lines.map(\.text).first { $0.hasPrefix("  lb02") })
        #expect(dead.contains("dead") && !dead.contains("10.18.14.95"))
        #expect(lines.contains { $0.text.hasPrefix("  Reads  ") })
    }

    @Test("a terminal of a few rows is no accident", arguments: 1...24)
    func small(rows: Int) {
        let lines = Self.picture().lines(columns: 20, rows: rows)
        #expect(lines.count >= min(rows, 5))
    }

    @Test("the primary's row names the write address, and no other does")
    func holder() {
        let rows = Self.text(Self.picture()).filter { $0.hasPrefix("  redis0") }
        #expect(rows.count == 3)
        #expect(rows[0].contains("PRIMARY") && rows[0].contains("10.18.14.94"))
        #expect(rows[1...].allSatisfy { !$0.contains("10.18.14.94") && $0.contains("100 B") })
    }

    @Test("the newest events are shown, and the keys stand below")
    func bottom() {
        let lines = Self.text(Self.picture())
        #expect(lines[21].hasSuffix("event 39"))
        #expect(lines[23].contains("k kill") && lines[23].contains("q quit"))
    }

    @Test("a narrow terminal shows all keys, and the way out in words")
    func narrow() throws {
        let bar = try #require(Self.picture().lines(columns: 40, rows: 24).last).text
        #expect(bar == "  q quit  k s i r b l f")
    }

    @Test("the columns stand still when a server is gone, and with the largest usual figures")
    func still() throws {
        var picture = Self.picture()
        let heading = try #require(Self.text(picture).first { $0.contains("HOST") })
        picture.hosts[0].sight = HostSight(server: .dead)
        #expect(Self.text(picture).contains(heading))
        picture.hosts[1].sight = HostSight(
            server: .primary(offset: 9_999_999, replicaCount: 1), holdsAddress: true)
        picture.hosts[2].sight.server = .replica(
            of: "192.168.11.124:6379", link: "connected", offset: 9_999_000)
        #expect(Self.text(picture).contains(heading))
    }

    @Test("a replica that has no stream yet has no offset and no lag")
    func connecting() throws {
        var picture = Self.picture()
        picture.hosts[1].sight.server = .replica(
            of: "192.168.11.123:6379", link: "connect", offset: -1)
        let row = try #require(Self.text(picture).first { $0.hasPrefix("  redis02") })
        #expect(!row.contains("-1") && !row.contains(" B "), "\(row)")
    }

    @Test("a hung server that nobody stopped here is not called stopped")
    func hung() {
        var picture = Self.picture()
        picture.hosts[1].sight = HostSight(server: .silent)
        picture.hosts[2].sight = HostSight(server: .silent)
        picture.hosts[2].isStopped = true
        let lines = Self.text(picture)
        #expect(lines.contains { $0.hasPrefix("  redis02") && $0.contains("no answer") })
        #expect(lines.contains { $0.hasPrefix("  redis03") && $0.contains("stopped") })
    }

    @Test("on loopback there is no key that cuts a host off")
    func loopbackKeys() {
        #expect(!Self.text(Self.picture(isOnLoopback: true)).joined().contains("i cut"))
        #expect(Self.text(Self.picture()).joined().contains("i cut"))
    }
}
