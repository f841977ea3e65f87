import Addressing
import MonotonicTime
import Testing
import VRRPCore

@Suite("What an advertisement looks like on the wire")
struct AdvertisementEncodingTests {
    @Test("version 2 ends with eight octets of authentication, also without one (RFC 3768 5.3)")
    func two() {
        let message = Samples.two.advertisement(priority: 100)
            .encoded(from: Samples.near, to: Samples.group)
        #expect(
            message == [
                0x21,  // Version 2, type 1.
                51, 100,  // VRID, priority.
                1,  // One address.
                0, 1,  // No authentication; every second.
                0x62, 0x59,  // Checksum of the message alone.
                10, 18, 14, 95,
                0, 0, 0, 0, 0, 0, 0, 0,  // Authentication data.
            ])
    }

    @Test("version 3 over IPv4 sums the pseudo-header by default (RFC 5798 5.2.8), as keepalived")
    func three() {
        let message = Samples.three.advertisement(priority: 100)
            .encoded(from: Samples.near, to: Samples.group)
        #expect(
            message == [
                0x31,  // Version 3, type 1.
                51, 100, 1,
                0, 100,  // Reserved; every 100 hundredths of a second.
                0x5A, 0x54,
                10, 18, 14, 95,
            ])
    }

    @Test("version 3 over IPv4 sums the message alone where RFC 9568 is asked for")
    func strict() {
        let message = Samples.three.advertisement(priority: 100)
            .encoded(from: Samples.near, to: Samples.group, .messageOnly)
        #expect(message[6...7] == [0x51, 0xF6])
    }

    @Test("version 3 over IPv6 always sums the pseudo-header", arguments: ChecksumForm.allCases)
    func six(form: ChecksumForm) {
        let message = Samples.threeV6.advertisement(priority: 200)
            .encoded(from: Samples.nearV6, to: Samples.groupV6, form)
        #expect(message.prefix(8) == [0x31, 51, 200, 2, 0, 10, 0x0B, 0xCD])
        #expect(message.dropFirst(8) == (Samples.virtualV6.flatMap(\.octets))[...])
    }

    @Test(
        "the longest intervals fit", arguments: [(VRRPVersion.two, 255), (VRRPVersion.three, 4095)])
    func longest(version: VRRPVersion, units: Int) throws {
        let settings = Samples.three.with {
            $0.version = version
            $0.interval = version.intervalUnit * units
        }
        #expect(settings.objection == nil)
        let message = settings.advertisement(priority: 1)
            .encoded(from: Samples.near, to: Samples.group)
        #expect(Int(message[4]) << 8 | Int(message[5]) == units)
    }
}
