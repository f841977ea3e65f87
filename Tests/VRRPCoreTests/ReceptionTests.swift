import Addressing
import MonotonicTime
import Testing
import VRRPCore

@Suite("What a virtual router heeds")
struct ReceptionTests {
    private func datagram(
        _ settings: VirtualRouterSettings, from source: IPAddress = Samples.far,
        to destination: IPAddress = Samples.group, hopLimit: UInt8 = 255,
        _ form: ChecksumForm = .pseudoHeader
    ) -> VRRPDatagram {
        let message = settings.advertisement(priority: 100)
            .encoded(from: source, to: destination, form)
        return VRRPDatagram(
            source: source, destination: destination, hopLimit: hopLimit, message: message[...])
    }

    /// What comes of a packet, and that it is counted once.
    private func refusal(
        _ datagram: VRRPDatagram, _ settings: VirtualRouterSettings = Samples.three,
        own: IPAddress = Samples.near
    ) -> AdvertisementRefusal? {
        var reception = Reception(settings: settings)
        do throws(AdvertisementRefusal) {
            _ = try reception.admit(datagram, own: own)
            #expect(reception.counts.accepted == 1)
            return nil
        } catch {
            #expect(reception.counts.accepted == 0)
            for kind in AdvertisementRefusal.Kind.allCases {
                #expect(reception.counts.refused(kind) == (kind == error.kind ? 1 : 0))
            }
            return error
        }
    }

    @Test("both forms of checksum are heeded, and counted apart")
    func forms() throws {
        var reception = Reception(settings: Samples.three)
        for form in [ChecksumForm.pseudoHeader, .messageOnly, .messageOnly] {
            _ = try reception.admit(datagram(Samples.three, form), own: Samples.near)
        }
        #expect(reception.counts.accepted == 3)
        #expect(reception.counts.withPseudoHeader == 1)
        #expect(reception.counts.withoutPseudoHeader == 2)
    }

    @Test("what came through a router is refused, where multicast is spoken (RFC 9568 7.1)")
    func hopLimit() {
        #expect(refusal(datagram(Samples.three, hopLimit: 254)) == .hopLimit(254))
        let unicast = Samples.three.with { $0.peers = [Samples.far] }
        #expect(refusal(datagram(unicast, to: Samples.near, hopLimit: 63), unicast) == nil)
    }

    @Test("unicast is refused where multicast is spoken, and the other way round")
    func kinds() {
        #expect(
            refusal(datagram(Samples.three, to: Samples.near)) == .destination(Samples.near))
        let unicast = Samples.three.with { $0.peers = [Samples.far] }
        #expect(refusal(datagram(unicast), unicast) == .destination(Samples.group))
    }

    @Test("unicast is heeded from peers alone")
    func peers() {
        let unicast = Samples.three.with { $0.peers = [Samples.far] }
        #expect(
            refusal(datagram(unicast, from: Samples.third, to: Samples.near), unicast)
                == .unknownPeer(Samples.third))
    }

    @Test("our own packets, come back, are refused")
    func own() {
        #expect(refusal(datagram(Samples.three, from: Samples.near)) == .ownAddress)
    }

    @Test("another virtual router's packets are never taken for broken ones of ours")
    func others() {
        let other = Samples.two.with { $0.virtualRouterID = 52 }
        #expect(refusal(datagram(other, hopLimit: 1)) == .otherVirtualRouter(52))
    }

    @Test("the other version is refused")
    func versions() {
        #expect(refusal(datagram(Samples.two)) == .version(2))
        #expect(refusal(datagram(Samples.three), Samples.two) == .version(3))
    }

    @Test("version 2 refuses another interval, version 3 counts it (RFC 3768 7.1, RFC 9568 7.1)")
    func intervals() throws {
        let slower = Samples.two.with { $0.interval = .seconds(2) }
        #expect(refusal(datagram(slower), Samples.two) == .interval(.seconds(2)))
        var reception = Reception(settings: Samples.three)
        let slowerThree = Samples.three.with { $0.interval = .seconds(2) }
        let heard = try reception.admit(datagram(slowerThree), own: Samples.near)
        #expect(heard.interval == .seconds(2))
        #expect(reception.counts.otherIntervals == 1)
    }

    @Test("another list of addresses is counted and heeded, as by keepalived")
    func addresses() throws {
        var reception = Reception(settings: Samples.two)
        let other = Samples.two.with { $0.addresses.append(Samples.third) }
        _ = try reception.admit(datagram(other), own: Samples.near)
        #expect(reception.counts.otherAddresses == 1)
    }

    @Test("a first IPv6 address that is not link-local is refused (erratum 8300), if so wished")
    func linkLocal() {
        let global = Samples.threeV6.with {
            $0.addresses.reverse()
            $0.requiresLinkLocal = false
        }
        let packet = datagram(global, from: Samples.farV6, to: Samples.groupV6)
        #expect(
            refusal(packet, Samples.threeV6, own: Samples.nearV6)
                == .notLinkLocal(Samples.virtualV6[1]))
        #expect(refusal(packet, global, own: Samples.nearV6) == nil)
    }

    @Test("a packet whose IPv4 header is broken is counted as well")
    func header() {
        var reception = Reception(settings: Samples.three)
        #expect(throws: AdvertisementRefusal.brokenHeader) {
            try reception.admit(ipv4: [0x45], own: Samples.near)
        }
        #expect(reception.counts.refused(.brokenHeader) == 1)
    }

    @Test("every refusal has its own words", arguments: AdvertisementRefusal.Kind.allCases)
    func words(kind: AdvertisementRefusal.Kind) {
        let all: [AdvertisementRefusal] = [
            .brokenHeader, .length(expected: 12, actual: 3), .otherVirtualRouter(2), .hopLimit(1),
            .destination(Samples.near), .unknownPeer(Samples.third), .ownAddress, .version(4),
            .type(2), .checksum, .authentication(1), .zeroInterval, .noAddresses,
            .interval(.seconds(2)), .notLinkLocal(Samples.virtualV6[1]),
        ]
        #expect(all.filter { $0.kind == kind }.count == 1)
        #expect(Set(all.map(\.description)).count == all.count)
    }
}
