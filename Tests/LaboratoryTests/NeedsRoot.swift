import Glibc
import Testing

@testable import Laboratory

extension Trait where Self == ConditionTrait {
    /// For everything that builds namespaces: skipped, and said so, where that is not permitted.
    static var needsRoot: Self {
        let obstacles = Laboratory.availability.namespaceObstacles
        // Where a skip would hide something, the tests run instead and fail with the obstacle.
        let isRequired = getenv("BATON_REQUIRE_ROOT") != nil
        return .enabled(
            if: obstacles.isEmpty || isRequired,
            Comment(rawValue: obstacles.map(\.description).joined(separator: "; ")))
    }
}
