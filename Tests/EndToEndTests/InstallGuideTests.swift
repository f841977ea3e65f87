import FoundationEssentials
import Glibc
import Laboratory
import MonotonicTime
import Testing

extension EndToEnd {
    /// docs/operate/install.md, followed to the letter on the six hosts that it speaks of.
    @Suite("Installation guide", .timeLimit(.minutes(2)))
    struct InstallGuideTests {
        private static let path = "\(GuideBuilder.repository)/docs/operate/install.md"

        @Test("whoever follows the guide block by block sees what it says")
        func guide() throws {
            let guide = try Guide(String(contentsOfFile: Self.path, encoding: .utf8))
            let laboratory = try Laboratory.build(.note)
            defer { laboratory.close() }
            let hosts = try Hosts(laboratory)
            try hosts.leaveAddressBehind(on: "redis03")
            for step in guide.steps {
                try Self.follow(step, hosts)
                if step.commands.contains("ip address delete") {
                    #expect(hosts.holders.isEmpty, "what a script left was not removed")
                }
            }
            try Self.checkUnit(hosts)
            try Self.upgrade(guide, hosts)
            try Self.end(hosts)
        }

        private static func follow(_ step: Guide.Step, _ hosts: Hosts) throws {
            for name in step.hosts {
                let (ending, printed) = try hosts.run(step.commands, on: name)
                let said = "\(name) printed\n\(printed)\n\(hosts.journals)"
                try #require(
                    ending == .exited(0), "\(ending): \(said)",
                    sourceLocation: location(step.line))
                for output in step.outputs where output.host == name {
                    let isSo = output.isEnd(of: printed)
                    try #require(
                        isSo, "expected\n\(output.text)\nbut \(said)",
                        sourceLocation: location(output.line))
                }
            }
        }

        /// systemd's own opinion of the unit as it was installed.
        private static func checkUnit(_ hosts: Hosts) throws {
            let (_, printed) = try hosts.run(
                """
                command -v systemd-analyze > /dev/null || exit 0
                systemd-analyze verify --man=no /usr/local/lib/systemd/system/baton.service 2>&1
                """, on: "redis01")
            #expect(printed == "")
        }

        /// What the last section says of a new version: three blocks again, then one restart after
        /// another.
        private static func upgrade(_ guide: Guide, _ hosts: Hosts) throws {
            for words in ["make install", "scp", "tar -C /"] {
                let step = try #require(guide.steps.first { $0.commands.contains(words) })
                try follow(step, hosts)
            }
            let holder = try #require(hosts.holders.first)
            #expect(hosts.holders.count == 1)
            for name in ["redis01", "redis02", "redis03"].filter({ $0 != holder }) + [holder] {
                let (ending, printed) = try hosts.run("systemctl restart baton", on: name)
                try #require(ending == .exited(0), "\(name) \(printed)\n\(hosts.journals)")
            }
            let deadline = Laboratory.now + .seconds(5)
            while hosts.holders != [holder], Laboratory.now < deadline { usleep(10_000) }
            #expect(hosts.holders == [holder], "\(hosts.journals)")
        }

        /// What it says of the end: another host takes the address from a holder that has stopped.
        private static func end(_ hosts: Hosts) throws {
            let holder = try #require(hosts.holders.first)
            let (ending, printed) = try hosts.run("systemctl stop baton", on: holder)
            #expect(ending == .exited(0), "\(printed)")
            let deadline = Laboratory.now + .seconds(10)
            func hasMoved() -> Bool { hosts.holders.count == 1 && !hosts.holders.contains(holder) }
            while !hasMoved(), Laboratory.now < deadline { usleep(10_000) }
            #expect(hasMoved(), "\(hosts.journals)")
        }

        /// A line of the guide, so that a failure names it.
        private static func location(_ line: Int) -> SourceLocation {
            SourceLocation(
                fileID: "docs/operate/install.md", filePath: path, line: line, column: 1)
        }
    }
}

/// The hosts that the guide names.
private struct Hosts {
    let machines: [String: GuideMachine]
    let builder: GuideBuilder

    init(_ laboratory: Laboratory) throws {
        let baton = try #require(BatonExecutable.find(), "baton has not been built")
        var machines: [String: GuideMachine] = [:]
        for host in laboratory.hosts {
            machines[host.name] = try GuideMachine(
                host, directory: "\(laboratory.directory)/\(host.name)", baton: baton)
        }
        self.machines = machines
        let homes = machines.values.map { ("\($0.host.address(on: .internal))", $0.home) }
        builder = try GuideBuilder(
            on: laboratory.host("client"), directory: "\(laboratory.directory)/builder",
            baton: baton, homes: Dictionary(uniqueKeysWithValues: homes))
    }

    func run(
        _ commands: String, on name: String
    ) throws -> (ending: Program.ExitStatus, output: String) {
        if name == "builder" { return try builder.run(commands) }
        guard let machine = machines[name] else { throw GuideFailure("there is no host \(name)") }
        return try machine.run(commands)
    }

    /// As a script of former days would.
    func leaveAddressBehind(on name: String) throws {
        let words = ["address", "add", "\(Plan.writeAddress)/20", "dev", "ens34"]
        let (ending, printed) = try machines[name]!.host.execute("ip", words)
        try #require(ending == .exited(0), "\(printed)")
    }

    /// The hosts that have the write address.
    var holders: [String] {
        machines.filter { $0.value.host.has(Plan.writeAddress) }.map(\.key).sorted()
    }

    /// What the services on every host have said last.
    var journals: String {
        machines.keys.sorted().compactMap { machines[$0]?.journal }.joined()
    }
}
