import ArgumentParser

/// Seeds as they are named on the command line: `17`, or `1..10000` with both ends.
struct SeedRange: Equatable, ExpressibleByArgument {
    var seeds: ClosedRange<UInt64>

    init?(argument: String) {
        guard let dots = argument.firstRange(of: "..") else {
            guard let seed = Self.seed(argument[...]) else { return nil }
            seeds = seed...seed
            return
        }
        guard let first = Self.seed(argument[..<dots.lowerBound]),
            let last = Self.seed(argument[dots.upperBound...]),
            first <= last
        else { return nil }
        seeds = first...last
    }

    var defaultValueDescription: String { "\(seeds.lowerBound)..\(seeds.upperBound)" }

    private static func seed(_ text: Substring) -> UInt64? {
        guard text.allSatisfy({ ("0"..."9").contains($0) }), let seed = UInt64(text) else {
            return nil
        }
        // The largest can't be counted past.
        return seed < UInt64.max ? seed : nil
    }
}
