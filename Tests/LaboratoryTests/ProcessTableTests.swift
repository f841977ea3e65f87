import Glibc
import Testing

@testable import Laboratory

@Suite("The table of processes")
struct ProcessTableTests {
    @Test("a program's name may hold spaces and parentheses")
    func hostileName() {
        let fields = (3...52).map { "\($0)" }.joined(separator: " ")
        #expect(ProcessTable.startTicks(inStat: "7 (a) b) \(fields)") == 22)
        #expect(ProcessTable.startTicks(inStat: "7 (a) 3 4 5") == nil)
        #expect(ProcessTable.startTicks(inStat: "") == nil)
    }

    @Test("a process is known by its number and its start together")
    func identity() throws {
        let own = try #require(ProcessTable.identity(of: getpid()))
        #expect(own == ProcessTable.identity(of: getpid()))
        // Were this one taken for us, the test itself would end here.
        ProcessTable.end([.init(pid: getpid(), startTicks: own.startTicks + 1)])
    }
}
