import DirectiveFile
import LeaseCore
import MonotonicTime
import Testing

@testable import Configuration

@Suite("The lease's figures in the file")
struct ConfigurationReaderLeaseTests {
    private static func read(
        _ lines: String..., facts: HostFacts? = nil
    ) -> (configuration: Configuration?, problems: [String]) {
        let text =
            ([
                "sentinel monitor orders 192.168.11.123 6379 1", "baton secret none",
                "baton host redis01 192.168.11.123 node",
                "baton write-address orders 10.18.14.94/20 interface ens34",
            ] + lines).joined(separator: "\n")
        let (configuration, problems) = ConfigurationReader.read(
            Document(reading: Array(text.utf8)), as: "redis01", facts: facts)
        return (
            configuration,
            problems.map { "\($0.line):\($0.column) \($0.severity) \($0.message)" }
        )
    }

    @Test("without a line, 1500 ms by the packet filter")
    func usual() throws {
        let (configuration, problems) = Self.read()
        #expect(problems == [])
        #expect(configuration?.lease == LeaseTerms())
        #expect(Self.read("baton enforcement packet-filter").configuration == configuration)
    }

    @Test("the lifetime alone is warned of with its figures, whichever line comes first")
    func lifetime() throws {
        let lines = ["baton lease-milliseconds 4500", "baton enforcement address-lifetime"]
        let (configuration, problems) = Self.read(lines[0], lines[1])
        #expect(
            problems == [
                "6:19 warning without the packet filter the lifetime of the write address alone "
                    + "ends a lease: the kernel may be 1500 ms late, so a lease of 4500 ms may be "
                    + "used for 2331 ms; Redis's own port is not fenced, and connections to a "
                    + "lapsed address hang"
            ])
        #expect(configuration?.lease.enforcement == .addressLifetime)
        #expect(configuration?.lease.use.milliseconds == 2331)
        #expect(Self.read(lines[1], lines[0]).configuration == configuration)
    }

    @Test("hosts may differ in it and have the same file otherwise")
    func digest() throws {
        let filter = try #require(Self.read("baton lease-milliseconds 4500").configuration)
        let lifetime = try #require(
            Self.read(
                "baton lease-milliseconds 4500", "baton enforcement address-lifetime"
            ).configuration)
        #expect(filter.digest == lifetime.digest)
        #expect(filter.digest != Self.read().configuration?.digest)
    }

    @Test(
        "an L that the kernel's lateness eats up is refused with what to write",
        arguments: [
            ([], "5:19", "L = 1500 ms is too short", "write `baton lease-milliseconds 4500`"),
            (
                ["baton lease-milliseconds 4000"], "6:26", "L = 4000 ms is too short",
                "L must be at least 4217 ms, on every host"
            ),
        ])
    func tooShort(lines: [String], place: String, what: String, advice: String) throws {
        let (configuration, problems) =
            lines.isEmpty
            ? Self.read("baton enforcement address-lifetime")
            : Self.read("baton enforcement address-lifetime", lines[0])
        #expect(configuration == nil)
        try #require(problems.count == 1)
        #expect(problems[0].hasPrefix("\(place) error \(what)"), "\(problems[0])")
        #expect(problems[0].contains("e = 1500 ms"))
        #expect(problems[0].hasSuffix(advice), "\(problems[0])")
    }

    @Test("a kernel without nf_tables is refused unless the operator says so")
    func lack() throws {
        func facts(_ hasPacketFilter: Bool?) -> HostFacts {
            HostFacts(
                interfaces: [.init(name: "ens34", addresses: [])], hasPacketFilter: hasPacketFilter)
        }
        for fact in [true, nil] {
            #expect(Self.read(facts: facts(fact)).problems.allSatisfy { !$0.contains("nf_tables") })
        }
        let problem = try #require(
            Self.read(facts: facts(false)).problems.first { $0.contains("nf_tables") })
        #expect(problem.hasPrefix("4:28 error this host's kernel has no nf_tables"))
        #expect(problem.contains("`baton enforcement address-lifetime` here"))
        let said = Self.read(
            "baton lease-milliseconds 4500", "baton enforcement address-lifetime",
            facts: facts(false))
        #expect(said.problems.allSatisfy { !$0.contains("nf_tables") })
    }

    @Test(
        "what can't be meant is refused",
        arguments: [
            (
                "baton enforcement address-lifetim",
                "5:19 error unknown enforcement 'address-lifetim'; did you mean 'address-lifetime'?"
            ),
            (
                "baton enforcement",
                "5:7 error too few words; it is written: "
                    + "baton enforcement packet-filter|address-lifetime"
            ),
            (
                "baton lease-milliseconds 1500 used 1000",
                "5:31 error it is written: baton lease-milliseconds TIME [use TIME]"
            ),
        ])
    func refused(line: String, problem: String) {
        #expect(Self.read(line).problems == [problem])
    }

    @Test("both lines stand once")
    func once() {
        #expect(
            Self.read("baton enforcement packet-filter", "baton enforcement packet-filter")
                .problems == ["6:7 error the enforcement is given already, by line 5"])
        #expect(
            Self.read("baton lease-milliseconds 1500", "baton lease-milliseconds 1500")
                .problems == ["6:7 error the lease is given already, by line 5"])
    }

    @Test("a bound of less than the lease is refused, where there is one")
    func bound() {
        let text = sound + "baton lease-milliseconds 4500\nbaton write-safety master1 bounded 4"
        #expect(
            problems(text) == [
                "9:28 error a bound of 4 s can't be kept with a lease of 4500 ms: a primary that "
                    + "is cut off together with a replica takes writes until its lease ends"
            ])
        #expect(problems(text.replacing("bounded 4", with: "bounded 5")) == [])
    }
}
