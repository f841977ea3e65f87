import Addressing
import MonotonicTime
import Testing
import VRRPCore

@Suite("Reading an advertisement")
struct AdvertisementDecodingTests {
    private func datagram(_ message: [UInt8]) -> VRRPDatagram {
        VRRPDatagram(
            source: Samples.near, destination: Samples.group, hopLimit: 255, message: message[...])
    }

    /// A message with some octets changed and the checksum made right again.
    private func forged(
        _ settings: VirtualRouterSettings, _ octets: [Int: UInt8], length: Int = 64
    ) -> VRRPDatagram {
        var message = Array(
            settings.advertisement(priority: 100)
                .encoded(from: Samples.near, to: Samples.group, .messageOnly).prefix(length))
        for (index, octet) in octets.sorted(by: { $0.key < $1.key }) { message[index] = octet }
        message[6] = 0
        message[7] = 0
        var sum = 0
        for (index, octet) in message.enumerated() {
            sum += index % 2 == 0 ? Int(octet) << 8 : Int(octet)
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        message[6] = UInt8(~sum >> 8 & 0xFF)
        message[7] = UInt8(~sum & 0xFF)
        return datagram(message)
    }

    private func refusal(_ datagram: VRRPDatagram) -> AdvertisementRefusal? {
        do throws(AdvertisementRefusal) {
            _ = try Advertisement.decode(datagram)
            return nil
        } catch {
            return error
        }
    }

    @Test("what was written is read", arguments: [Samples.two, Samples.three, Samples.threeV6])
    func roundTrip(settings: VirtualRouterSettings) throws {
        let (source, group) =
            settings.isIPv4 ? (Samples.near, Samples.group) : (Samples.nearV6, Samples.groupV6)
        for form in ChecksumForm.allCases {
            let wanted = settings.advertisement(priority: 254)
            let message = wanted.encoded(from: source, to: group, form)
            let (found, foundForm) = try Advertisement.decode(
                VRRPDatagram(
                    source: source, destination: group, hopLimit: 255, message: message[...]))
            #expect(found == wanted)
            switch (settings.version, settings.isIPv4) {
            case (.two, _): #expect(foundForm == .messageOnly)
            case (.three, true): #expect(foundForm == form)
            case (.three, false): #expect(foundForm == .pseudoHeader)
            }
        }
    }

    @Test("other versions and types are refused")
    func versions() {
        #expect(refusal(forged(Samples.three, [0: 0x41])) == .version(4))
        #expect(refusal(forged(Samples.three, [0: 0x32])) == .type(2))
        let two = Samples.two.advertisement(priority: 1)
            .encoded(from: Samples.near, to: Samples.group)
        let overSix = VRRPDatagram(
            source: Samples.nearV6, destination: Samples.groupV6, hopLimit: 255, message: two[...])
        #expect(refusal(overSix) == .version(2))
    }

    @Test("the length must be exactly what the message says")
    func length() {
        let whole = Samples.three.advertisement(priority: 100)
            .encoded(from: Samples.near, to: Samples.group)
        #expect(refusal(datagram(whole + [0])) == .length(expected: 12, actual: 13))
        for count in 0..<12 {
            let expected = count < 8 ? 8 : 12
            #expect(
                refusal(datagram(Array(whole.prefix(count))))
                    == .length(expected: expected, actual: count))
        }
        let two = Samples.two.advertisement(priority: 100)
            .encoded(from: Samples.near, to: Samples.group)
        #expect(
            refusal(datagram(Array(two.dropLast(8)))) == .length(expected: 20, actual: 12))
    }

    @Test("a checksum that is right in neither form is refused")
    func checksum() {
        let whole = Samples.three.advertisement(priority: 100)
            .encoded(from: Samples.near, to: Samples.group)
        for index in whole.indices where ![0, 3].contains(index) {
            var broken = whole
            broken[index] ^= 0x40
            #expect(refusal(datagram(broken)) == .checksum)
        }
    }

    @Test("an interval of 0, a list of no addresses and a password are refused (errata 8299, 8301)")
    func values() {
        #expect(refusal(forged(Samples.three, [5: 0])) == .zeroInterval)
        #expect(refusal(forged(Samples.two, [5: 0])) == .zeroInterval)
        #expect(refusal(forged(Samples.two, [4: 1])) == .authentication(1))
        #expect(refusal(forged(Samples.three, [3: 0], length: 8)) == .noAddresses)
    }

    @Test("reserved bits beside the interval are not looked at (RFC 9568 5.2.6)")
    func reserved() throws {
        let (advertisement, _) = try Advertisement.decode(forged(Samples.three, [4: 0xF0]))
        #expect(advertisement.interval == .seconds(1))
    }

    @Test("no octets of a peer can trap")
    func noise() {
        var noise = Noise(seed: 1)
        var read = 0
        for round in 0..<20_000 {
            var octets = (0..<Int(noise.next() % 48)).map { _ in UInt8(noise.next() & 0xFF) }
            if round % 2 == 0, octets.count > 4 {
                octets[0] = round % 4 == 0 ? 0x21 : 0x31
                octets[3] = UInt8(octets.count / 16)
            }
            if refusal(datagram(octets)) == nil { read += 1 }
            _ = try? VRRPDatagram(ipv4: octets[...])
        }
        // Right by chance.
        #expect(read < 20)
    }
}
