/// A rule broken on purpose between a node and its world, so that a checker is seen to fail.
public enum Mutation: String, CaseIterable, Sendable {
    /// A node grants its vote although it has voted for another.
    case votesTwice = "votes-twice"
    /// A node goes on as soon as it has asked for its state to be written, before it is.
    case sendsBeforePersist = "sends-before-persist"
    /// The disk says that all is written and writes nothing.
    case forgetsState = "forgets-state"
    /// Every configuration is said to be of epoch 1.
    case reusesEpoch = "reuses-epoch"
    /// No server is ever promoted.
    case neverFailsOver = "never-fails-over"
    /// The address stays open on a host that was told to bar or remove it.
    case keepsAddress = "keeps-address"
    /// No server is ever told to follow another.
    case ignoresReturnedPrimary = "ignores-returned-primary"
    /// An old primary stays one, and its host keeps the address.
    case keepsEverything = "keeps-everything"
    /// One node learns of no new configuration.
    case deafNode = "deaf-node"
    /// A holder uses its lease for longer than the voters promise.
    case usesTooLong = "uses-too-long"
    /// A voter grants although another has its promise, or might have.
    case grantsTwice = "grants-twice"
    /// The kernels end leases late.
    case lateKernel = "late-kernel"
    /// The kernels end no lease by themselves.
    case deadKernel = "dead-kernel"
    /// Clocks run up to twice as fast or slow as they may.
    case wildClocks = "wild-clocks"
    /// A server goes on with writes although it was told to pause them.
    case neverPauses = "never-pauses"
    /// No server is ever told how many replicas must hear it.
    case neverLimits = "never-limits"
    /// A node says that it has stored a pause, and has not.
    case forgetsPause = "forgets-pause"
    /// A holder releases its lease when it ought to end it, and goes on.
    case releasesAndStays = "releases-and-stays"
    /// A node counts by the voters of its file although no majority has agreed to them.
    case votersAtOnce = "voters-at-once"
    /// A host without the packet filter counts as if its kernel were in time.
    case forgetsLateness = "forgets-lateness"
    /// A node does not look whether its machine stood still.
    case oversleeps
    /// A host does not hear that a stranger has the address.
    case overhearsStranger = "overhears-stranger"
}
