import AddressDriver
import Addressing
import Configuration
import SentinelCore
import VRRPCore

/// The virtual routers that this balancer takes part in: one for each read address.
struct VirtualRouters {
    let assignments: [VRRPAssignment]
    /// This host's place in the file's list of balancers.
    private let rank: Int

    /// Of the balancer that is listed first.
    static let priorityMax = 200
    /// Between two that follow one another: far enough for an operator's own in between.
    static let priorityStep = 10
    /// Of one that has no server to read from: below every one that has.
    static let priorityLoss = 100
    /// Beyond, balancers have the last one's, and the larger address wins.
    static let ranksMax = 10

    init(_ configuration: Configuration) {
        let balancers = configuration.hosts.filter { $0.role == .balancer }
        let rank = balancers.firstIndex { $0.name == configuration.local.name } ?? 0
        self.rank = rank
        assignments = configuration.groups.compactMap { group in
            guard let address = group.readAddress, let id = group.routerID else { return nil }
            let router = group.router ?? Configuration.VirtualRouter(id: id)
            var settings = VirtualRouterSettings(
                virtualRouterID: router.id, version: router.version == 2 ? .two : .three,
                addresses: [address.prefix.address], interval: router.advertInterval,
                preempts: router.preempts)
            // Until the first server is seen.
            settings.priority = Self.priority(rank: rank, isServing: false)
            settings.requiresLinkLocal = false
            return VRRPAssignment(
                name: group.settings.name, settings: settings, interface: address.interface)
        }
    }

    func priority(isServing: Bool) -> UInt8 { Self.priority(rank: rank, isServing: isServing) }

    static func priority(rank: Int, isServing: Bool) -> UInt8 {
        let place = min(rank, ranksMax - 1)
        return UInt8(priorityMax - place * priorityStep - (isServing ? 0 : priorityLoss))
    }
}
