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

// A package of its own: what only benchmarks need is never built with Baton.
let package = Package(
    name: "benchmarks",
    dependencies: [
        // Named, because the directory may be called anything.
        .package(name: "baton", path: "..")
    ],
    targets: [
        .executableTarget(
            name: "bench-failover",
            dependencies: [.product(name: "Laboratory", package: "baton")],
            swiftSettings: settings),
        .executableTarget(
            name: "bench-idle",
            dependencies: [.product(name: "Laboratory", package: "baton")],
            swiftSettings: settings),
        .executableTarget(
            name: "bench-switchover",
            dependencies: [.product(name: "Laboratory", package: "baton")],
            swiftSettings: settings),
        .executableTarget(
            name: "chaos",
            dependencies: [.product(name: "Laboratory", package: "baton")],
            swiftSettings: settings),
    ]
)
