// swift-tools-version: 6.2
import PackageDescription

/// The same settings as the package that is measured.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let balancing = Target.Dependency.product(name: "Balancing", package: "baton")
let laboratory = Target.Dependency.product(name: "Laboratory", package: "baton")

// A package of its own: what only benchmarks need is never built with Baton.
let package = Package(
    name: "benchmarks",
    dependencies: [
        // Named, because the directory may be called anything.
        .package(name: "baton", path: "..")
    ],
    targets: [
        .target(name: "Workbench", dependencies: [laboratory], swiftSettings: settings),
        .executableTarget(
            name: "bench-balancer", dependencies: ["Workbench", balancing],
            swiftSettings: settings),
        .executableTarget(
            name: "bench-connections", dependencies: ["Workbench", balancing],
            swiftSettings: settings),
    ]
        + [
            "bench-balancer-failover", "bench-failover", "bench-idle", "bench-sentinel",
            "bench-switchover", "chaos",
        ].map { name in
            .executableTarget(
                name: name, dependencies: ["Workbench", laboratory], swiftSettings: settings)
        }
)
