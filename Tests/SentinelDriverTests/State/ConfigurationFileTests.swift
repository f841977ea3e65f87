import DropInCore
import Glibc
import SentinelCore
import SentinelFile
import Testing

@testable import SentinelDriver

@Suite("The configuration file as memory")
struct ConfigurationFileTests {
    @Test("is written with what is remembered, users and the log's level as they are now")
    func saved() throws {
        let directory = try TemporaryDirectory()
        directory.put(Array("# mine\nport 5\n".utf8), "s.conf")
        var server = ServerOptions()
        server.logLevel = "notice"
        let file = ConfigurationFile(path: directory.path + "/s.conf", server: server)
        file.setUsers(["default on nopass ~* &* +@all"])
        file.setLogLevel("verbose")
        var ledger = Ledger()
        ledger.id = RunID(high: 1, middle: 2, low: 3)
        ledger.currentEpoch = 9
        try file.save(ledger, GlobalSettings())
        let text = try #require(directory.contents("s.conf"))
        #expect(text.hasPrefix("# mine\nport 26379\n"))
        for line in [
            "loglevel verbose", "user default on nopass ~* &* +@all",
            "sentinel current-epoch 9",
        ] {
            #expect(text.contains(line + "\n"))
        }
    }

    @Test("that is a directory by now is an error, as Redis's suite has it")
    func directory() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/s.conf"
        mkdir(path, 0o755)
        defer { rmdir(path) }
        let file = ConfigurationFile(path: path, server: ServerOptions())
        #expect(throws: DurableFile.Failure.self) { try file.save(Ledger(), GlobalSettings()) }
    }

    @Test("that was removed is written again")
    func removed() throws {
        let directory = try TemporaryDirectory()
        let file = ConfigurationFile(path: directory.path + "/s.conf", server: ServerOptions())
        #expect(file.obstacle != nil)
        try file.save(Ledger(), GlobalSettings())
        #expect(file.obstacle == nil)
    }
}
