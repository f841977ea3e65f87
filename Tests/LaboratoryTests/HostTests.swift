import Glibc
import MonotonicTime
import Testing

@testable import Laboratory

@Suite("Programs inside a host", .needsRoot, .timeLimit(.minutes(1)))
struct HostTests {
    @Test("code and programs run inside see the host's own interfaces and no others")
    func ownInterfaces() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let host = laboratory.host("redis03")
        let names: [String] = ["lo", "ens33", "ens34", "eth0"]
        let indices = host.run { names.map { name in if_nametoindex(name) != 0 } }
        #expect(indices == [true, true, true, false])
        let (ending, output) = try host.execute("ip", ["-4", "-brief", "address"])
        #expect(ending == .exited(0))
        #expect(output.contains("10.18.14.80/20") && output.contains("192.168.11.125/24"))
        #expect(if_nametoindex("ens34") == 0)
    }

    @Test("an error inside is thrown outside")
    func errorsPass() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        #expect(throws: ConnectionFailure.timedOut) {
            try laboratory.host("client").run { () throws(ConnectionFailure) -> Int in
                throw .timedOut
            }
        }
    }

    @Test("a program gets its arguments and variables, and its process number is exact")
    func arguments() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let program = try laboratory.host("client").launch(
            "sh", ["-c", "echo $$ \"$0\" $BATON_TEST; pwd; exit 3", "a b"],
            environment: [("BATON_TEST", "yes")])
        #expect(program.wait(atMost: .seconds(5)) == .exited(3))
        #expect(program.output == "\(program.pid) a b yes\n\(laboratory.directory)/client\n")
    }

    @Test("a program that does not exist is named")
    func missingProgram() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        #expect(throws: LaboratoryError.unavailable([.programMissing("no-such-program")])) {
            try laboratory.host("client").launch("no-such-program")
        }
    }

    @Test("a program that takes too long is killed")
    func limit() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let (ending, _) = try laboratory.host("client").execute(
            "sleep", ["300"], atMost: .milliseconds(20))
        #expect(ending == .signalled(SIGKILL))
    }
}
