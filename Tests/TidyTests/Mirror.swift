/// Tests stand where their sources stand: `Sources/X/Y.swift` and `Tests/XTests/YTests.swift`.
enum Mirror {
    /// Tests of more than one file, each with the reason that it has no counterpart.
    static let exceptions: [String: String] = [
        "Tests/AddressDriverTests/VRRP/KeepalivedTests.swift": "the driver beside its real peer",
        "Tests/VRRPCoreTests/SegmentTests.swift": "several virtual routers on one network",
    ]

    static func problems(in paths: [String], exceptions: [String: String] = exceptions) -> [String]
    {
        let known = Set(paths)
        let targets = Set(
            paths.filter { $0.hasPrefix("Sources/") }.map { $0.split(separator: "/")[1] })
        return paths.compactMap { path in
            let parts = path.split(separator: "/")
            guard parts.count > 2, parts[0] == "Tests", parts[1].hasSuffix("Tests"),
                path.hasSuffix("Tests.swift"), exceptions[path] == nil
            else { return nil }
            let target = parts[1].dropLast("Tests".count)
            // Tests of the whole (end to end, of the tree itself) mirror no target.
            guard targets.contains(target) else { return nil }
            let inner = parts.dropFirst(2).joined(separator: "/").dropLast("Tests.swift".count)
            let source = "Sources/\(target)/\(inner).swift"
            return known.contains(source) ? nil : "\(path): there is no \(source)"
        }
            + exceptions.keys.filter { !known.contains($0) }.sorted().map {
                "\($0): an exception for a file that is not there"
            }
    }
}
