import Addressing
import Glibc
import MonotonicTime
import Testing

@testable import Laboratory

@Suite("Loss in one direction", .needsRoot, .timeLimit(.minutes(1)))
struct OneWayLossTests {
    /// Frames that a host hears from another within a while.
    private func hears(_ listener: Host, from sender: Host) throws -> Bool {
        let interface = Plan.Network.internal.interface
        let ear = try listener.run { () throws(LaboratoryError) in
            try PortSocket(port: interface)
        }
        let mouth = try sender.run { () throws(LaboratoryError) in
            try PortSocket(port: interface)
        }
        defer {
            ear.close()
            mouth.close()
        }
        let hardware = try #require(sender.hardwareAddress(on: .internal))
        let frame = ProbeFrames.arp(
            1, from: hardware, sender.address(on: .internal), to: .broadcast,
            (MACAddress(bits: 0), IPv4Address(192, 168, 11, 250)))
        mouth.send(frame)
        let deadline = Laboratory.now + .milliseconds(100)
        var buffer = [UInt8](repeating: 0, count: 2_048)
        while Laboratory.now < deadline {
            while let count = ear.receive(into: &buffer) {
                if count >= 42, buffer[6..<12].elementsEqual(hardware.octets) { return true }
            }
            usleep(1_000)
        }
        return false
    }

    @Test(
        "a host is deaf or mute, and back when healed",
        arguments: [OneWayLoss.inbound, .outbound])
    func oneWay(_ direction: OneWayLoss) throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let (host, other) = (laboratory.host("redis01"), laboratory.host("redis02"))
        #expect(try hears(host, from: other))
        #expect(try hears(other, from: host))

        try laboratory.lose(direction, of: host, on: [.internal])
        #expect(try hears(host, from: other) == (direction == .outbound))
        #expect(try hears(other, from: host) == (direction == .inbound))

        try laboratory.heal(host)
        #expect(try hears(host, from: other))
        #expect(try hears(other, from: host))
    }
}
