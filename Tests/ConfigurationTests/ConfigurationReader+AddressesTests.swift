import Addressing
import DirectiveFile
import Testing

@testable import Configuration

@Suite("Write and read addresses")
struct ConfigurationReaderAddressesTests {
    static let second = sound + "sentinel monitor carts 192.168.11.124 6379 2\n"

    @Test("one address serves one purpose")
    func taken() {
        #expect(
            problems(Self.second + "baton write-address carts 10.18.14.94/20") == [
                "9:27 error 10.18.14.94 is the write address of 'master1' already"
            ])
        #expect(
            problems(sound + "baton read-address master1 10.18.14.94/20 port 6379") == [
                "8:28 error 10.18.14.94 is the write address of 'master1' already"
            ])
    }

    @Test("the address of a monitored server can't move")
    func monitored() {
        let text =
            sound + "sentinel monitor carts 10.18.14.80 6379 2\n"
            + "baton read-address master1 10.18.14.80/20 port 6379"
        #expect(
            problems(text).last
                == "9:28 error 10.18.14.80 is monitored: a server's own address can't move away")
    }

    @Test("a write address needs its primary on a listed node")
    func holder() {
        let text = sound + "sentinel monitor carts 192.168.11.121 6379 2\n"
        #expect(problems(text) == [])
        #expect(
            problems(text + "baton write-address carts 10.18.14.96/20") == [
                "8:24 error 192.168.11.121 is on none of the listed nodes, so that no host could "
                    + "hold the write address for it"
            ])
    }
}
