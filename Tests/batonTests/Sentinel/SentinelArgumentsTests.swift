import Testing

@testable import baton

@Suite("The command line of a Sentinel")
struct SentinelArgumentsTests {
    @Test("is a file, and directives behind it")
    func directives() throws {
        let arguments = try SentinelArguments([
            "s.conf", "--port", "5", "--bind", "127.0.0.1", "::1", "--sentinel", "--loglevel",
            "debug",
        ])
        #expect(arguments.request == .run(file: "s.conf"))
        #expect(
            arguments.directives == [
                ["port", "5"], ["bind", "127.0.0.1", "::1"], ["loglevel", "debug"],
            ])
    }

    @Test("may ask for help or the version")
    func questions() throws {
        #expect(try SentinelArguments(["--help"]).request == .help)
        #expect(try SentinelArguments(["-v"]).request == .version)
    }

    @Test(
        "needs a file that can be written", arguments: [[], ["--port", "5"], ["-"], ["a", "b"]])
    func refused(_ words: [String]) {
        #expect(throws: Refusal.self) { try SentinelArguments(words) }
    }

    @Test(
        "is that of Redis's or Valkey's program when it is called by their names",
        arguments: [
            (["/usr/bin/redis-sentinel", "f"], ["f"]), (["valkey-sentinel", "f"], ["f"]),
            (["redis-server", "f", "--sentinel"], ["f", "--sentinel"]),
        ])
    func names(_ arguments: [String], _ words: [String]) {
        #expect(SentinelArguments.words(calledAs: arguments) == words)
    }

    @Test("is Baton's own otherwise", arguments: [["baton", "run"], ["redis-server", "f"], []])
    func ownName(_ arguments: [String]) {
        #expect(SentinelArguments.words(calledAs: arguments) == nil)
    }
}
