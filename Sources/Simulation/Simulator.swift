public import MonotonicTime

/// What a run may be told beside its seed.
public struct Options: Equatable, Sendable {
    /// The least length of a world in true time.
    public var length = Interval.seconds(120)
    /// A rule to be broken.
    public var mutation: Mutation?
    /// The faults to choose from; at least one.
    public var kinds = FaultKind.allCases
    /// Whether losses are bounded; `nil` leaves it to the seed: in one world of four they are.
    public var isBounded: Bool?
    /// Whether hosts may lack the packet filter; `nil`: some do in one world of six.
    public var lacksPacketFilter: Bool?
    /// How many faults befall the world; `nil` leaves it to the seed: 1 to 5.
    public var faultCount: Int?
    /// Whether every world ends with everything healed; otherwise nine in ten do.
    public var healsAlways = false
    /// How long the checkers wait; `nil`: what follows from the world's `down-after`.
    public var bounds: Bounds?
    public var trace = Trace.Extent.last(lines: 400)

    public init() {}
}

/// Runs worlds. There is no shared state: any number of threads may do so at the same time.
public enum Simulator {
    /// One world from its seed to its end. The same seed, options and cores give the same outcome
    /// in every process.
    public static func run(seed: UInt64, options: Options = Options()) -> Outcome {
        var world = World(seed: seed, options: options)
        world.run()
        return world.outcome()
    }

    /// One world after another; `report` is told of each and says whether to go on.
    public static func run(
        seeds: Range<UInt64>, options: Options = Options(), report: (Outcome) -> Bool
    ) {
        for seed in seeds {
            guard report(run(seed: seed, options: options)) else { return }
        }
    }
}
