import Testing

@testable import SentinelPort

@Suite("The table of commands")
struct CommandTableTests {
    @Test("has what Redis 7.2's Sentinel has: 15 commands, 73 with their subcommands")
    func counts() {
        #expect(CommandTable.topLevel.count == 15)
        #expect(CommandTable.entries.count == 73)
        #expect(Set(CommandTable.entries.map(\.name)).count == 73)
    }

    @Test("puts subcommands behind their container")
    func order() throws {
        for index in CommandTable.topLevel {
            for inner in CommandTable.subcommands(of: index) {
                #expect(
                    CommandTable.entries[inner].container == CommandTable.entries[index].name[...])
            }
        }
        let grouped = CommandTable.topLevel.reduce(0) {
            $0 + 1 + CommandTable.subcommands(of: $1).count
        }
        #expect(grouped == CommandTable.entries.count)
    }

    @Test("knows no category that Redis does not")
    func categories() {
        for entry in CommandTable.entries {
            #expect(entry.categories.allSatisfy { CommandTable.categories.contains($0) })
        }
    }

    @Test("reads Valkey's names as the old ones, and lists none of them")
    func aliases() throws {
        let old = try #require(CommandTable.position(of: "sentinel|master"))
        guard case .found(old) = CommandTable.look(up: ["Sentinel", "PRIMARY", "x"]) else {
            Issue.record("PRIMARY is not read")
            return
        }
        #expect(CommandTable.position(of: "sentinel|primary") == nil)
    }
}
