import Testing

@testable import Laboratory

extension Trait where Self == ConditionTrait {
    /// For everything that builds namespaces: skipped, and said so, where that is not permitted.
    static var needsRoot: Self {
        let obstacles = Laboratory.availability.namespaceObstacles
        return .enabled(
            if: obstacles.isEmpty,
            Comment(rawValue: obstacles.map(\.description).joined(separator: "; ")))
    }
}
