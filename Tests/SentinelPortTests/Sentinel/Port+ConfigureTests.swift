import DropInCore
import RESP
import Testing

@testable import SentinelPort

@Suite("SENTINEL CONFIG")
struct PortConfigureTests {
    @Test(
        "answers as Redis 7.2's does",
        arguments: [
            (
                "GET *",
                "[resolve-hostnames no announce-hostnames no announce-ip  announce-port 0"
                    + " sentinel-user  sentinel-pass  loglevel notice]"
            ),
            ("GET nope", "[]"),
            (
                "GET announce-ip announce-*",
                "[announce-ip  announce-hostnames no announce-port 0]"
            ),
            ("SET x y", "-ERR Invalid argument 'x' to SENTINEL CONFIG SET"),
            (
                "SET announce-port 70000",
                "-ERR Invalid value '70000' to SENTINEL CONFIG SET 'announce-port'"
            ),
            ("SET loglevel foo", "-ERR Invalid value 'foo' to SENTINEL CONFIG SET 'loglevel'"),
            (
                "SET sentinel-pass p sentinel-pass q",
                "-ERR Duplicate argument 'sentinel-pass' to SENTINEL CONFIG SET"
            ),
            (
                "SET sentinel-pass p sentinel-user",
                "-ERR Missing argument 'sentinel-user' value"
            ),
        ])
    func answers(_ words: String, _ expected: String) {
        var counter = Counter()
        let values = counter.ask("SENTINEL CONFIG " + words)
        if let pairs = values[0].pairs, values[0].errorBytes == nil {
            let text = pairs.map { Counter.text($0.key) + " " + Counter.text($0.value) }
            #expect("[" + text.joined(separator: " ") + "]" == expected)
        } else {
            #expect(values.map(Counter.text) == [expected])
        }
        #expect(counter.order == nil)
    }

    @Test("SET sets all or nothing")
    func set() {
        var counter = Counter()
        counter.ask(
            words: [
                "SENTINEL", "CONFIG", "SET", "announce-ip", "1.2.3.4", "loglevel", "VERBOSE",
                "announce-port", "0", "resolve-hostnames", "YES", "sentinel-user", "",
            ])
        #expect(
            counter.order?.order
                == .configure([
                    .announceHost("1.2.3.4"), .announcePort(nil), .resolvesHostnames(true),
                    .sentinelUser(nil),
                ]))
        #expect(counter.effects.first == .setLogLevel(.verbose))
        #expect(counter.answer(.done) == ["OK"])
        #expect(counter.port.settings.logLevel == .verbose)
    }
}
