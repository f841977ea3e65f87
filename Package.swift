// swift-tools-version: 6.2
import PackageDescription

/// One list of settings for every Swift target: Swift 6 mode, every warning an error.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
/// Only with the trait: who does not want a second BoringSSL builds without it.
let tls: [Target.Dependency] = [
    .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["TLS"])),
    .product(name: "NIOEmbedded", package: "swift-nio", condition: .when(traits: ["TLS"])),
    .product(name: "NIOTLS", package: "swift-nio", condition: .when(traits: ["TLS"])),
]
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let arguments: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")

// Arrows point down only: values <- cores <- drivers <- baton. `Tests/TidyTests` checks it.
let package = Package(
    name: "baton",
    products: [
        .executable(name: "baton", targets: ["baton"]),
        .library(name: "Laboratory", targets: ["Laboratory"]),
        .library(
            name: "Balancing",
            targets: [
                "Addressing", "BalancerCore", "BalancerDriver", "SecurityTerms",
                "TransportSecurity",
            ]),
    ],
    traits: [
        .trait(name: "TLS", description: "TLS before clients and behind servers, by swift-nio-ssl"),
        .default(enabledTraits: ["TLS"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        // HMAC, for what nodes say to each other.
        .package(url: "https://github.com/apple/swift-crypto.git", from: "3.12.0"),
        .package(
            url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.0", traits: []),
    ],
    targets: [
        // Headers and constants that Glibc's import lacks; no logic.
        .target(name: "CLinux"),

        // Values: nothing but the standard library.
        library("MonotonicTime"),
        library("Addressing"),
        library("RESP"),
        library("DirectiveFile"),
        library("SecurityTerms"),

        // Cores: no I/O, no clock, no randomness, no logging.
        library("SentinelCore", ["MonotonicTime", "Addressing"]),
        library("LeaseCore", ["MonotonicTime", "SentinelCore"]),
        library("NodeCore", ["MonotonicTime", "Addressing", "SentinelCore", "LeaseCore"]),
        // The drop-in for redis-sentinel: Sentinel's own algorithm, with real Sentinels as peers.
        library("DropInCore", ["MonotonicTime", "Addressing", "SentinelCore"]),
        // Its port: requests in, replies and orders out.
        library(
            "SentinelPort",
            [
                "MonotonicTime", "Addressing", "RESP", "DirectiveFile", "SentinelCore",
                "DropInCore",
            ]),
        library("ObserverCore", ["MonotonicTime", "Addressing", "SentinelCore"]),
        library("VRRPCore", ["MonotonicTime", "Addressing"]),
        library("BalancerCore", ["MonotonicTime", "Addressing", "RESP"]),
        library(
            "Simulation",
            ["MonotonicTime", "Addressing", "SentinelCore", "LeaseCore", "NodeCore"]),

        // Text to the cores' settings, with every problem named.
        library(
            "Configuration",
            [
                "MonotonicTime", "Addressing", "DirectiveFile", "SecurityTerms", "SentinelCore",
                "LeaseCore", "NodeCore",
            ]),

        // A redis-sentinel's file: read, and written anew as Sentinel does.
        library(
            "SentinelFile",
            ["MonotonicTime", "Addressing", "DirectiveFile", "SentinelCore", "DropInCore"]),

        // Drivers: carry out the cores' effects.
        // Certificates, and TLS as a transform of bytes or as a handler of a channel.
        library(
            "TransportSecurity",
            ["SecurityTerms", .product(name: "NIOCore", package: "swift-nio")] + tls),
        library("Netlink", ["CLinux", "MonotonicTime", "Addressing"]),
        library(
            "SentinelDriver",
            [
                "CLinux", "MonotonicTime", "Addressing", "RESP", "DirectiveFile",
                "TransportSecurity", "SentinelCore", "LeaseCore", "NodeCore", "DropInCore",
                "SentinelPort", "SentinelFile", "ObserverCore", subprocess,
                .product(name: "Crypto", package: "swift-crypto"),
            ] + nio),
        library(
            "AddressDriver",
            [
                "CLinux", "MonotonicTime", "Addressing", "Netlink", "SentinelCore", "LeaseCore",
                "NodeCore", "VRRPCore",
            ]),
        // The balancer's data path: its own epoll loop, since every request passes it.
        library(
            "BalancerDriver",
            [
                "CLinux", "MonotonicTime", "Addressing", "RESP", "TransportSecurity",
                "BalancerCore",
            ]),

        // Hosts made of network namespaces, with real servers: the demo, the tests and the
        // benchmarks stand on it.
        library("Laboratory", ["CLinux", "MonotonicTime", "Addressing", "RESP"]),

        .executableTarget(
            name: "baton",
            dependencies: [
                "CLinux", "MonotonicTime", "Addressing", "RESP", "DirectiveFile", "SecurityTerms",
                "TransportSecurity", "SentinelCore", "LeaseCore", "NodeCore", "ObserverCore",
                "VRRPCore", "BalancerCore", "Simulation", "Configuration", "DropInCore",
                "SentinelPort", "SentinelFile", "Netlink", "SentinelDriver", "AddressDriver",
                "BalancerDriver", "Laboratory", arguments,
            ] + nio,
            swiftSettings: settings),

        tests("AddressingTests", ["Addressing", "MonotonicTime"]),
        tests(
            "LaboratoryTests", ["Laboratory", "LeaseCore", "MonotonicTime", "Addressing", "RESP"]),
        // Real servers in real namespaces.
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Laboratory", "LeaseCore", "MonotonicTime", "Addressing", "RESP",
                "SecurityTerms", "TransportSecurity", "CertificateFixture",
            ],
            exclude: ["Clients", "Guide/StandIns"], swiftSettings: settings),
        tests("MonotonicTimeTests", ["MonotonicTime"]),
        tests("RESPTests", ["RESP"]),
        // Stands before malloc, to count.
        .target(name: "AllocationCount", path: "Tests/AllocationCount"),
        tests(
            "BalancerCoreTests",
            ["BalancerCore", "MonotonicTime", "Addressing", "RESP", "AllocationCount"]),
        tests(
            "BalancerDriverTests",
            [
                "CLinux", "BalancerDriver", "BalancerCore", "MonotonicTime", "Addressing", "RESP",
                "SecurityTerms", "TransportSecurity", "CertificateFixture",
            ]),
        // Certificates, made by openssl for one test.
        .target(
            name: "CertificateFixture", dependencies: ["SecurityTerms"],
            path: "Tests/CertificateFixture", swiftSettings: settings),
        tests(
            "TransportSecurityTests",
            ["TransportSecurity", "SecurityTerms", "CertificateFixture"]),
        tests("DirectiveFileTests", ["DirectiveFile"]),
        tests(
            "ConfigurationTests",
            [
                "Configuration", "MonotonicTime", "Addressing", "DirectiveFile", "SecurityTerms",
                "SentinelCore",
            ]),
        // The folder mirrors `Sources/baton`.
        .testTarget(
            name: "BatonTests",
            dependencies: [
                "baton", "Configuration", "Addressing", "DirectiveFile", "RESP", "Laboratory",
                "MonotonicTime", "SentinelCore", "ObserverCore", "VRRPCore", "BalancerCore",
                "BalancerDriver", "AddressDriver", "SecurityTerms", "TransportSecurity",
                "CertificateFixture", "SentinelFile", "SentinelPort", "SentinelDriver",
            ],
            path: "Tests/batonTests", swiftSettings: settings),

        // Two namespaces and a wire, for tests of what the kernel really does.
        .target(
            name: "NamespaceFixture", dependencies: ["CLinux", "Addressing"],
            path: "Tests/NamespaceFixture", swiftSettings: settings),
        tests("NetlinkTests", ["MonotonicTime", "Addressing", "Netlink", "NamespaceFixture"]),
        tests(
            "AddressDriverTests",
            [
                "CLinux", "Addressing", "MonotonicTime", "LeaseCore", "Netlink", "AddressDriver",
                "NamespaceFixture", "VRRPCore",
            ]),

        // The tree's own rules: arrows, shape, purity, names, links.
        tests("TidyTests", []),
        tests(
            "ObserverCoreTests",
            ["ObserverCore", "SentinelCore", "MonotonicTime", "Addressing"]),
        tests(
            "SentinelFileTests",
            ["SentinelFile", "DropInCore", "MonotonicTime", "Addressing", "SentinelCore"]),
        tests(
            "SentinelPortTests",
            [
                "SentinelPort", "DropInCore", "MonotonicTime", "Addressing", "RESP",
                "SentinelCore",
            ]),
        tests(
            "DropInCoreTests", ["DropInCore", "SentinelCore", "MonotonicTime", "Addressing"]),
        tests("VRRPCoreTests", ["VRRPCore", "MonotonicTime", "Addressing"]),
        tests("LeaseCoreTests", ["LeaseCore", "SentinelCore", "MonotonicTime"]),
        tests(
            "SentinelDriverTests",
            [
                "CLinux", "SentinelDriver", "MonotonicTime", "Addressing", "RESP",
                "SentinelCore", "LeaseCore", "DropInCore", "SentinelPort", "SentinelFile",
                "SecurityTerms", "TransportSecurity", "CertificateFixture",
                "NodeCore", "ObserverCore", .product(name: "NIOEmbedded", package: "swift-nio"),
            ] + nio),

        // A small cluster under virtual time, for the tests of the cores.
        .target(
            name: "Stage",
            dependencies: ["MonotonicTime", "Addressing", "SentinelCore", "LeaseCore", "NodeCore"],
            path: "Tests/Stage", swiftSettings: settings),
        tests(
            "SentinelCoreTests",
            ["Stage", "SentinelCore", "NodeCore", "MonotonicTime", "Addressing"]),
        tests(
            "NodeCoreTests",
            [
                "Stage", "NodeCore", "LeaseCore", "SentinelCore", "MonotonicTime", "Addressing",
            ]),
        tests(
            "SimulationTests",
            ["Simulation", "MonotonicTime", "Addressing", "SentinelCore", "NodeCore"]),
    ]
)
