import AddressDriver
import Addressing
import Testing

@Suite("What neighbours say")
struct NeighbourWordTests {
    private static let hardware = MACAddress(bits: 0x0200_0000_0001)

    @Test("an announcement says whose the address is", arguments: ["10.18.14.94", "fd18::94"])
    func announcement(text: String) throws {
        let address = try #require(IPAddress(text))
        for frame in Announcement.frames(for: address, at: Self.hardware) {
            let word = try #require(NeighbourWord(frame[...]))
            #expect(word.address == address && word.hardware == Self.hardware)
        }
    }

    @Test(
        "who asks says his own address, and who asks in nobody's name says none",
        arguments: [("10.18.14.94", "10.18.13.1"), ("fd18::94", "fd18::1")])
    func question(text: String, asker: String) throws {
        let (address, own) = (try #require(IPAddress(text)), try #require(IPAddress(asker)))
        let asked = try #require(
            NeighbourWord.question(for: address, from: own, at: Self.hardware))
        #expect(NeighbourWord(asked[...])?.address == own)
        let probed = try #require(
            NeighbourWord.question(for: address, from: nil, at: Self.hardware))
        #expect(NeighbourWord(probed[...]) == nil)
    }

    @Test("nobody asks for an address of another family than his own")
    func families() throws {
        let (four, six) = (
            try #require(IPAddress("10.18.13.1")), try #require(IPAddress("fd18::1"))
        )
        #expect(NeighbourWord.question(for: four, from: six, at: Self.hardware) == nil)
        #expect(NeighbourWord.question(for: six, from: four, at: Self.hardware) == nil)
    }
}
