import Addressing
import DirectiveFile
import SentinelCore
import Testing

@testable import Configuration

@Suite("Directives shared with redis-server")
struct ConfigurationReaderServerTests {
    @Test("each is read")
    func values() throws {
        let text =
            """
            port 26380
            bind 127.0.0.1 192.168.11.123
            dir /var/lib/baton
            logfile log/baton.log
            loglevel VERBOSE
            pidfile /run/baton.pid
            daemonize yes

            """ + sound
        #expect(problems(text) == [])
        let read = try #require(read(text).configuration)
        #expect(read.port == 26380)
        #expect(read.bind == [address("127.0.0.1"), address("192.168.11.123")])
        #expect(read.directory == "/var/lib/baton")
        #expect(read.logFile == "log/baton.log")
        #expect(read.logLevel == .verbose)
        #expect(read.pidFile == "/run/baton.pid")
        #expect(read.daemonizes)
        #expect(read.stateFile == "baton.state")
    }

    @Test(
        "what can't be meant is refused with one sentence",
        arguments: [
            ("port 0", "6 error '0' is not a port: a number from 1 to 65535 is needed"),
            ("port 65536", "6 error '65536' is not a port: a number from 1 to 65535 is needed"),
            ("port +1", "6 error '+1' is not a port: a number from 1 to 65535 is needed"),
            ("port", "1 error too few words; it is written: port VALUE"),
            ("port 1 2", "8 error too many words from here on; it is written: port VALUE"),
            ("daemonize maybe", "11 error 'maybe' must be 'yes' or 'no'"),
            ("protected-mode on", "16 error 'on' must be 'yes' or 'no'"),
            ("loglevel loud", "10 error unknown log level 'loud'"),
            ("loglevel notise", "10 error unknown log level 'notise'; did you mean 'notice'?"),
            ("maxmemory 1g", "1 error unknown directive 'maxmemory'"),
            ("Deamonize yes", "1 error unknown directive 'Deamonize'; did you mean 'daemonize'?"),
            (
                "include /etc/more.conf",
                "1 error 'include' is not followed: the file is the same on every host as it "
                    + "stands; put the lines of /etc/more.conf here"
            ),
            ("bind", "1 error too few words; it is written: bind ADDRESS …"),
            ("bind redis01", "6 error 'redis01' is not an IPv4 or IPv6 address, nor '*'"),
            (
                "bind 192.168.11.123 1.2.3.4",
                "21 error 1.2.3.4 is neither an address of this host nor of another listed"
            ),
            (
                "bind 127.0.0.1",
                "6 error the other nodes reach this one at 192.168.11.123, which is not among "
                    + "these addresses"
            ),
            ("dir \"\"", "5 error 'dir' needs the path of a directory"),
        ])
    func refused(line: String, problem: String) {
        #expect(problems(sound + line) == ["8:" + problem])
        #expect(read(sound + line).configuration == nil)
    }

    @Test(
        "what has no effect is warned of, and the file is sound",
        arguments: [
            "maxclients 100", "masterauth x", "tls-port 6390", "requirepass x",
            "protected-mode yes", "tcp-keepalive 300",
        ])
    func warned(line: String) {
        let (configuration, problems) = read(sound + line)
        #expect(configuration != nil)
        #expect(problems.map(\.severity) == [.warning])
        #expect(problems.map { [$0.line, $0.column] } == [[8, 1]])
    }

    @Test("of the addresses of all hosts in one bind, each host takes its own")
    func bindOfAll() {
        let line = "bind -::1 192.168.11.123 192.168.11.124 192.168.11.125"
        #expect(problems(sound + line) == [])
        #expect(
            read(sound + line).configuration?.bind == [address("::1"), address("192.168.11.123")])
    }

    @Test(
        "a wildcard in bind means all addresses",
        arguments: ["bind *", "bind * -::*", "bind 127.0.0.1 0.0.0.0", "bind ::"])
    func bindAll(line: String) {
        #expect(problems(sound + line) == [])
        #expect(read(sound + line).configuration?.bind == [])
    }

    @Test("of a directive given twice the last one counts, as in Redis")
    func twice() {
        #expect(read("port 1\nport 2\n" + sound).configuration?.port == 2)
    }

    @Test("an empty logfile is standard output")
    func standardOutput() throws {
        let read = try #require(read("dir /tmp\nlogfile \"\"\n" + sound).configuration)
        #expect(read.logFile == nil)
    }
}
