import Glibc
import Laboratory
import MonotonicTime
import Testing

extension EndToEnd {
    /// `baton demo` as a new user meets it, on a machine that is itself a host of a laboratory.
    @Suite("The demonstration", .timeLimit(.minutes(1)))
    struct DemoTests {
        @Test("without a terminal it tells one failover, and removes everything")
        func story() throws {
            try Self.withDemo { demo in
                #expect(demo.wait(atMost: .seconds(40)) == .exited(0), "\(demo.output)")
                #expect(demo.output.contains("acknowledged writes 0 were lost"), "\(demo.output)")
                #expect(demo.output.hasSuffix("Everything is removed.\n"), "\(demo.output)")
                #expect(Self.namespaces(of: demo).isEmpty)
            }
        }

        @Test(
            "Ctrl-C ends it in every phase, and leaves nothing",
            arguments: [20, 35, 50, 70, 150, 250, 400, 600, 1_000, 2_000, 2_300])
        func interrupted(afterMilliseconds milliseconds: UInt32) throws {
            try Self.withDemo { demo in
                usleep(milliseconds * 1_000)
                demo.send(signal: SIGINT)
                #expect(demo.wait(atMost: .seconds(10)) == .signalled(SIGINT), "\(demo.output)")
                #expect(Self.namespaces(of: demo).isEmpty, "\(demo.output)")
            }
        }

        private static func withDemo(_ body: (Program) throws -> Void) throws {
            let laboratory = try Laboratory.build()
            defer { laboratory.close() }
            let baton = try #require(BatonExecutable.find(), "baton has not been built")
            try body(laboratory.host("client").launch(baton, ["demo", "--story"]))
        }

        /// Those that `ip netns` still knows.
        private static func namespaces(of demo: Program) -> [String] {
            guard let directory = opendir("/run/netns") else { return [] }
            defer { closedir(directory) }
            var names: [String] = []
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name.hasPrefix("baton-\(demo.pid)-") { names.append(name) }
            }
            return names
        }
    }
}
