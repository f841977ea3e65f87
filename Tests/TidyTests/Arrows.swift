/// Who may import whom: values <- cores <- drivers <- baton, arrows pointing down only.
///
/// The compiler alone does not hold this: it lets a target import what any of its dependencies
/// brings. Every target under `Sources` has its row.
enum Arrows {
    static let rows: [String: [String]] = [
        "CLinux": [],

        "MonotonicTime": [],
        "Addressing": [],
        "RESP": [],
        "DirectiveFile": [],
        "SecurityTerms": [],

        "SentinelCore": values + collections,
        "LeaseCore": values + collections + ["SentinelCore"],
        "NodeCore": values + collections + ["SentinelCore", "LeaseCore"],
        "DropInCore": values + collections + ["SentinelCore"],
        "SentinelPort": values + collections + ["SentinelCore", "DropInCore"],
        "ObserverCore": values + collections + ["SentinelCore"],
        "VRRPCore": ["MonotonicTime", "Addressing"],
        "BalancerCore": values,
        "SentinelFile": values + collections + ["SentinelCore", "DropInCore"],
        "Simulation": values + collections + cores,
        "Configuration": values + collections + cores,

        "TransportSecurity": ["SecurityTerms", "Glibc"] + security,
        "Netlink": values + collections + system,
        "Laboratory": values + collections + system,
        "SentinelDriver": values + collections + system + cores + drivers + [
            "Crypto", "SentinelFile", "Subprocess", "System", "SystemPackage",
            "TransportSecurity",
        ],
        "AddressDriver": values + collections + system + cores + drivers + [
            "Netlink", "VRRPCore",
        ],
        "BalancerDriver": values + collections + system + ["BalancerCore", "TransportSecurity"],

        "baton": values + collections + system + cores + drivers + [
            "Simulation", "Configuration", "SentinelFile", "Netlink", "Laboratory",
            "SentinelDriver", "AddressDriver", "BalancerDriver", "VRRPCore", "BalancerCore",
            "TransportSecurity", "ArgumentParser",
        ],
    ]

    private static let values = [
        "MonotonicTime", "Addressing", "RESP", "DirectiveFile", "SecurityTerms",
    ]
    private static let cores = [
        "SentinelCore", "LeaseCore", "NodeCore", "ObserverCore", "DropInCore", "SentinelPort",
    ]
    private static let collections = [
        "BasicContainers", "Collections", "DequeModule", "HeapModule", "OrderedCollections",
    ]
    private static let system = ["CLinux", "Glibc", "Synchronization"]
    private static let drivers = [
        "Logging", "NIOConcurrencyHelpers", "NIOCore", "NIOPosix", "ServiceLifecycle", "Subprocess",
    ]

    private static let security = ["NIOCore", "NIOEmbedded", "NIOSSL", "NIOTLS"]

    /// Each import under `Sources` that points up or out.
    static func problems(in files: [SourceFile]) -> [String] {
        files.flatMap { file -> [String] in
            guard let allowed = rows[file.target] else {
                return ["\(file.path): \(file.target) has no row in the table of arrows"]
            }
            return imports(of: file).filter { !allowed.contains($0.module) }.map {
                "\(file.path):\($0.line): \(file.target) may not import \($0.module)"
            }
        }
    }

    /// The modules that a file imports, whatever stands around the word `import`.
    static func imports(of file: SourceFile) -> [(module: String, line: Int)] {
        let kinds: Set<Substring> = [
            "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
        ]
        return file.codeLines.enumerated().flatMap { index, line in
            line.split(separator: ";").compactMap { statement -> (module: String, line: Int)? in
                var words = statement.split(whereSeparator: \.isWhitespace)[...]
                while let word = words.first, word != "import" {
                    guard word.hasPrefix("@") || accessLevels.contains(word) else { return nil }
                    words.removeFirst()
                }
                words.removeFirst(min(1, words.count))
                if let kind = words.first, kinds.contains(kind) { words.removeFirst() }
                guard let module = words.first?.split(separator: ".").first else { return nil }
                return (String(module), index + 1)
            }
        }
    }

    private static let accessLevels: Set<Substring> = [
        "public", "package", "internal", "fileprivate", "private",
    ]
}
