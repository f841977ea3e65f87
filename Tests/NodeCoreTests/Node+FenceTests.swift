import MonotonicTime
import NodeCore
import SentinelCore
import Stage
import Testing

@Suite("The fence around a server")
struct FenceTests {
    @Test("stands around the primary, which the lease opens, and around no replica")
    func order() {
        let stage = Stage.withAddress()
        stage.run(.seconds(3))
        #expect(stage.hosts.map(\.address.fencedPort) == [6379, nil, nil])
    }

    @Test("is closed as soon as the server's process has ended, and opened for the replica")
    func returned() {
        let stage = Stage.withAddress()
        stage.kill(server: 1)
        stage.run(.seconds(3))
        #expect(stage.hosts[0].address.fencedPort == 6379)
        stage.start(server: 1)
        #expect(stage.hosts[0].address.fencedPort == 6379)
        stage.run(.seconds(5))
        #expect(stage.hosts[0].server?.isPrimary == false)
        #expect(stage.hosts[0].address.fencedPort == nil)
    }

    @Test("is closed around a replica that hangs, and opened when it answers")
    func hung() {
        let stage = Stage.withAddress()
        stage.run(.seconds(2))
        #expect(stage.hosts[1].address.fencedPort == nil)
        stage.hang(server: 2)
        stage.run(.seconds(8))
        #expect(stage.hosts[1].address.fencedPort == 6379)
        stage.resume(server: 2)
        stage.run(.seconds(3))
        #expect(stage.hosts[1].address.fencedPort == nil)
    }

    @Test("is not built while nobody ever had the lease: an installation interrupts nobody")
    func installation() {
        let stage = Stage.withAddressUnsettled()
        for host in 1...3 { stage.isolate(host: host) }
        stage.run(.seconds(30))
        for number in 1...3 { #expect(stage.fenceSteps(on: number) == []) }
    }

    @Test("that could not be built is tried again")
    func retried() {
        let stage = Stage.withAddress()
        stage.hosts[0].address.failures[.fence] = "no"
        stage.kill(server: 1)
        stage.run(.seconds(1))
        stage.hosts[0].address.failures[.fence] = nil
        stage.run(.seconds(1))
        #expect(stage.hosts[0].address.fencedPort == 6379)
    }
}
