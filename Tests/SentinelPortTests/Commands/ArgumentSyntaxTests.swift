import Testing

@testable import SentinelPort

@Suite("The notation of arguments")
struct ArgumentSyntaxTests {
    @Test("has every mark, and arguments in arguments")
    func marks() {
        let list = ArgumentSyntax.list(
            "name:string addr:string~ip:port=ADDR@6.2.0!7.0.0?*#"
                + " mode:oneof(yes:pure-token=YES no:x)"
        )
        #expect(list.map(\.name) == ["name", "addr", "mode"])
        #expect(list[1].display == "ip:port")
        #expect(list[1].token == "ADDR")
        #expect(list[1].since == "6.2.0")
        #expect(list[1].deprecatedSince == "7.0.0")
        #expect(list[1].flags == ["optional", "multiple", "multiple_token"])
        #expect(list[2].parts.map(\.name) == ["yes", "no"])
        #expect(list[2].parts[0].token == "YES")
    }
}
