import Laboratory
import Testing

extension Trait where Self == ConditionTrait {
    /// Every end-to-end test builds namespaces; where that is not permitted it is skipped, and
    /// says what is missing.
    static var needsRoot: Self {
        let obstacles = Laboratory.availability.namespaceObstacles
        return .enabled(
            if: obstacles.isEmpty,
            Comment(rawValue: obstacles.map(\.description).joined(separator: "; ")))
    }
}
