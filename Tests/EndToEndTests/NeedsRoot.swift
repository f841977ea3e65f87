import Glibc
import Laboratory
import Testing

extension Trait where Self == ConditionTrait {
    /// Every end-to-end test builds namespaces; where that is not permitted it is skipped, and
    /// says what is missing.
    static var needsRoot: Self {
        let obstacles = Laboratory.availability.namespaceObstacles
        // Where a skip would hide something, the tests run instead and fail with the obstacle.
        let isRequired = getenv("BATON_REQUIRE_ROOT") != nil
        return .enabled(
            if: obstacles.isEmpty || isRequired,
            Comment(rawValue: obstacles.map(\.description).joined(separator: "; ")))
    }
}
