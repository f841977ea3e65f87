public import NodeCore

/// Does to the kernel what the node decides about write addresses.
public protocol AddressCarrier: Sendable {
    /// Takes one step; called on the node's loop, so it must return at once. Steps are done one
    /// after another in the order of the calls, and each reports once, from any thread.
    func carry(_ effect: AddressEffect, report: @escaping @Sendable (AddressEvent) -> Void)
}
