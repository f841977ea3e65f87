import Stage

extension Stage {
    /// Three hosts and a write address; host 1 holds it.
    static func withAddress() -> Stage {
        let stage = withAddressUnsettled()
        stage.settle()
        return stage
    }

    /// The same at the moment at which the nodes start.
    static func withAddressUnsettled() -> Stage {
        var shape = Shape()
        shape.hasWriteAddress = true
        return Stage(shape)
    }
}
