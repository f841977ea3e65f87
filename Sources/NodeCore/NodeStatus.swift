public import Addressing
public import LeaseCore
public import MonotonicTime
public import SentinelCore

/// What one node knows at one moment, for people and programs to look at. Nothing in it decides.
public struct NodeStatus: Equatable, Sendable {
    public var name: String
    public var id: RunID
    public var endpoint: Endpoint
    public var currentEpoch: Epoch
    /// False while the state file can't be trusted or written: the node watches but doesn't vote.
    public var mayVote: Bool
    /// Who has a voice; `nil` where nodes don't agree on that.
    public var voters: Voters?
    public var groups: [Group]

    public init(
        name: String, id: RunID, endpoint: Endpoint, currentEpoch: Epoch, mayVote: Bool,
        voters: Voters? = nil, groups: [Group]
    ) {
        self.voters = voters
        self.name = name
        self.id = id
        self.endpoint = endpoint
        self.currentEpoch = currentEpoch
        self.mayVote = mayVote
        self.groups = groups
    }

    /// The voter set in force and what the hosts' files say of it.
    public struct Voters: Equatable, Sendable {
        /// `nil` before the first, while nobody votes.
        public var inForce: VoterSet?
        /// What this host's file declares; its number means nothing.
        public var declared: VoterSet
        /// Why there is none yet, in a sentence for people; empty when there is one.
        public var isWaitingFor: String
        /// Names of the nodes whose files say something else about the cluster than this host's.
        public var differing: [String]

        public init(
            inForce: VoterSet?, declared: VoterSet, isWaitingFor: String, differing: [String]
        ) {
            self.inForce = inForce
            self.declared = declared
            self.isWaitingFor = isWaitingFor
            self.differing = differing
        }
    }

    /// One group as this node sees it.
    public struct Group: Equatable, Sendable {
        public var settings: Settings.Group
        public var primary: Endpoint
        public var configEpoch: Epoch
        public var isObjectivelyDown: Bool
        /// Sentinel's word for the failover's state; `none` while there is none.
        public var failoverState: String
        /// The primary first, then the replicas by address.
        public var servers: [Server]
        /// In the order of the configuration, without this node.
        public var peers: [Peer]
        /// Baton leaves the group alone; `nil` when it does not.
        public var pause: Pause?
        /// This host's relation to the write address; `nil` when the group has none.
        public var address: AddressState?
        /// This host's lease of it; `nil` while it asks for none.
        public var lease: Lease?
        /// By what this host's kernel ends a lease, and the D that it leaves with the L in force;
        /// `nil` without a write address.
        public var terms: LeaseTerms?
        /// Who keeps this host from taking the write address: the hardware address of somebody
        /// that answers for it. `nil` while there is none.
        public var stranger: String?
        /// What this host heard when it asked for the write address that another host holds; `nil`
        /// while it has not.
        public var sighting: Sighting?
        /// Whether a majority of the voters, this node included, is in contact and agrees on the
        /// primary.
        public var isConfirmed: Bool

        public init(
            settings: Settings.Group, primary: Endpoint, configEpoch: Epoch,
            isObjectivelyDown: Bool, failoverState: String, servers: [Server], peers: [Peer],
            address: AddressState?, lease: Lease? = nil, terms: LeaseTerms? = nil,
            stranger: String? = nil,
            sighting: Sighting? = nil, isConfirmed: Bool, pause: Pause? = nil
        ) {
            self.settings = settings
            self.primary = primary
            self.configEpoch = configEpoch
            self.isObjectivelyDown = isObjectivelyDown
            self.failoverState = failoverState
            self.servers = servers
            self.peers = peers
            self.address = address
            self.lease = lease
            self.terms = terms
            self.stranger = stranger
            self.sighting = sighting
            self.isConfirmed = isConfirmed
            self.pause = pause
        }
    }

    /// A pause that is in force.
    public struct Pause: Equatable, Sendable {
        /// Of the order.
        public var number: UInt64
        /// Until it ends by itself, by this node's count; `nil`: when somebody ends it.
        public var remaining: Interval?

        public init(number: UInt64, remaining: Interval?) {
            self.number = number
            self.remaining = remaining
        }
    }

    /// What this host has of a write address's lease.
    public struct Lease: Equatable, Sendable {
        /// The epoch that it is of.
        public var epoch: Epoch
        /// Until this host's kernel ends it, unless it is renewed; zero when it is over.
        public var remaining: Interval
        /// Voters whose grants still count, and all of them.
        public var granted: Int
        public var voters: Int

        public init(epoch: Epoch, remaining: Interval, granted: Int, voters: Int) {
            self.epoch = epoch
            self.remaining = remaining
            self.granted = granted
            self.voters = voters
        }
    }

    /// One Redis or Valkey server.
    public struct Server: Equatable, Sendable {
        public var endpoint: Endpoint
        public var isPrimary: Bool
        public var isLocal: Bool
        public var isConnected: Bool
        public var isSubjectivelyDown: Bool
        /// Since its last valid answer to a ping; `nil` before the first.
        public var silence: Interval?
        /// Age of `report`.
        public var reportAge: Interval?
        /// The last `INFO`; `nil` before the first.
        public var report: ServerReport?
        /// Bytes of the primary's stream that it lacks, by the last two reports; `nil` when
        /// unknown.
        public var lagBytes: UInt64?

        public init(
            endpoint: Endpoint, isPrimary: Bool, isLocal: Bool, isConnected: Bool,
            isSubjectivelyDown: Bool, silence: Interval?, reportAge: Interval?,
            report: ServerReport?, lagBytes: UInt64?
        ) {
            self.endpoint = endpoint
            self.isPrimary = isPrimary
            self.isLocal = isLocal
            self.isConnected = isConnected
            self.isSubjectivelyDown = isSubjectivelyDown
            self.silence = silence
            self.reportAge = reportAge
            self.report = report
            self.lagBytes = lagBytes
        }
    }

    /// Another node.
    public struct Peer: Equatable, Sendable {
        public var name: String
        public var endpoint: Endpoint
        public var id: RunID?
        public var isConnected: Bool
        public var isSubjectivelyDown: Bool
        public var silence: Interval?
        /// Which primary it takes for the group's, and since which epoch.
        public var primary: Endpoint?
        public var configEpoch: Epoch
        public var holdsAddress: Bool
        /// Its host heard the present holder answer for the write address, so long after it knew of
        /// it.
        public var addressSeenAfter: Interval?

        public init(
            name: String, endpoint: Endpoint, id: RunID?, isConnected: Bool,
            isSubjectivelyDown: Bool, silence: Interval?, primary: Endpoint?, configEpoch: Epoch,
            holdsAddress: Bool, addressSeenAfter: Interval? = nil
        ) {
            self.name = name
            self.endpoint = endpoint
            self.id = id
            self.isConnected = isConnected
            self.isSubjectivelyDown = isSubjectivelyDown
            self.silence = silence
            self.primary = primary
            self.configEpoch = configEpoch
            self.holdsAddress = holdsAddress
            self.addressSeenAfter = addressSeenAfter
        }
    }

    /// This host's relation to a write address, in one word.
    public enum AddressState: String, Equatable, Sendable, CaseIterable {
        case inspecting, clearing, released, taking, held, hushing, hushed, barring, resetting
        case barred, removing
    }
}

extension NodeStatus.Group {
    /// The primary takes no writes because no replica hears it, by its last report.
    public var refusesWrites: Bool {
        guard let report = servers.first(where: \.isPrimary)?.report, report.isPrimary else {
            return false
        }
        return report.goodReplicas == 0
    }
}
