internal import MonotonicTime
internal import NodeCore

/// What the loop needs of a node's core; tests put another one in its place.
protocol NodeMachine: Sendable {
    mutating func handle(_ event: NodeEvent, at now: Instant, effects: inout [NodeEffect])
    func tickPeriod(at now: Instant) -> Interval
    func status(at now: Instant) -> NodeStatus
}

extension Node: NodeMachine {}
