public import Addressing

/// Something that operators, scripts and Sentinel-aware clients are told, in Sentinel's own words.
public struct Announcement: Equatable, Sendable {
    /// Sentinel's log levels; all but `debug` are published as well.
    public enum Level: Character, Equatable, Sendable {
        case debug = "."
        case verbose = "-"
        case notice = "*"
        case warning = "#"
    }

    /// Whom it is about.
    public enum Subject: Equatable, Sendable {
        /// `master <name> <ip> <port>`.
        case primary(group: String, Endpoint)
        /// `slave <ip:port> <ip> <port> @ <name> <ip> <port>`.
        case replica(Endpoint, group: String, primary: Endpoint)
        /// `sentinel <id> <ip> <port> @ <name> <ip> <port>`.
        case peer(name: String, Endpoint, group: String, primary: Endpoint)
        /// Nobody: the detail is the whole message.
        case none
    }

    public var name: Name
    public var subject: Subject
    /// What follows the subject, without the blank between; may be empty.
    public var detail: String

    public init(_ name: Name, _ subject: Subject = .none, detail: String = "") {
        self.name = name
        self.subject = subject
        self.detail = detail
    }

    /// What is published on the channel ``Name/rawValue``, and logged behind that name.
    public var message: String {
        let words = subject.text
        return words.isEmpty ? detail : detail.isEmpty ? words : words + " " + detail
    }

    /// The log line without process and time: `+sdown master orders 10.0.0.1 6379`. A remark has
    /// no event name, so it is the message alone.
    public var line: String {
        name == .remark || name == .alarm ? message : "\(name.rawValue) \(message)"
    }
}

extension Announcement.Subject {
    /// Sentinel's instance text.
    public var text: String {
        switch self {
        case .primary(let group, let endpoint):
            "master \(group) \(endpoint.address) \(endpoint.port)"
        case .replica(let endpoint, let group, let primary):
            "slave \(endpoint) \(endpoint.address) \(endpoint.port)"
                + " @ \(group) \(primary.address) \(primary.port)"
        case .peer(let name, let endpoint, let group, let primary):
            "sentinel \(name) \(endpoint.address) \(endpoint.port)"
                + " @ \(group) \(primary.address) \(primary.port)"
        case .none:
            ""
        }
    }
}

extension Announcement {
    /// Sentinel's event names, then those that only Baton has. The raw value is the channel.
    public enum Name: String, Equatable, Sendable, CaseIterable {
        case monitor = "+monitor"
        case subjectivelyDown = "+sdown"
        case subjectivelyUp = "-sdown"
        case objectivelyDown = "+odown"
        case objectivelyUp = "-odown"
        case newEpoch = "+new-epoch"
        case tryFailover = "+try-failover"
        case voteForLeader = "+vote-for-leader"
        case electedLeader = "+elected-leader"
        case selectReplica = "+failover-state-select-slave"
        case selectedReplica = "+selected-slave"
        case sendReplicaOfNoOne = "+failover-state-send-slaveof-noone"
        case waitPromotion = "+failover-state-wait-promotion"
        case promotedReplica = "+promoted-slave"
        case reconfigureReplicas = "+failover-state-reconf-slaves"
        case reconfigurationSent = "+slave-reconf-sent"
        case reconfigurationInProgress = "+slave-reconf-inprog"
        case reconfigurationDone = "+slave-reconf-done"
        case reconfigurationTimedOut = "-slave-reconf-sent-timeout"
        case failoverEnd = "+failover-end"
        case failoverEndForTimeout = "+failover-end-for-timeout"
        case switchPrimary = "+switch-master"
        case configUpdate = "+config-update-from"
        case abortNotElected = "-failover-abort-not-elected"
        case abortNoGoodReplica = "-failover-abort-no-good-slave"
        case abortReplicaTimeout = "-failover-abort-slave-timeout"
        case replicaFound = "+slave"
        case peerFound = "+sentinel"
        case reboot = "+reboot"
        case convertToReplica = "+convert-to-slave"
        case fixReplicaConfig = "+fix-slave-config"
        case roleChange = "+role-change"
        case roleMismatch = "-role-change"

        // What only a Sentinel says that is changed while it runs.
        case removed = "-monitor"
        case set = "+set"
        case reset = "+reset-master"
        case tiltBegin = "+tilt"
        case tiltEnd = "-tilt"
        case peerAddressSwitch = "+sentinel-address-switch"
        case peerAddressUpdate = "+sentinel-address-update"
        case peerAddressInvalid = "+sentinel-invalid-addr"
        case reconfigurationForced = "+slave-reconf-sent-be"
        case abortMasterTimeout = "-failover-abort-master-timeout"
        case scriptStarted = "+script-child"
        case scriptEnded = "-script-child"
        case scriptError = "-script-error"
        case scriptTimeout = "-script-timeout"
        case commandLinkFailed = "-cmd-link-reconnection"
        case subscriptionFailed = "-pubsub-link-reconnection"

        /// A coordinated failover begins: writes will be paused on the present primary within a
        /// moment, and those who can hold them had better. It ends by `+switch-master`, or by
        /// `-failover-abort-handover`.
        case switchoverBegin = "+switchover-begin"
        /// A coordinated failover: writes stand still on the present primary.
        case writesPaused = "+writes-paused"
        /// A coordinated failover was given up; writes go on where they were.
        case abortHandover = "-failover-abort-handover"
        /// An operator wants the group left alone.
        case paused = "+pause"
        /// Baton looks after the group again.
        case resumed = "-pause"
        /// The server's own host saw its process end.
        case evidence = "+evidence"
        /// Another voter set is in force.
        case votersChanged = "+voters"
        /// This host now answers for the write address.
        case addressTaken = "+address"
        /// This host no longer answers for the write address.
        case addressGivenUp = "-address"
        /// This host asked the network for the write address, which another host holds, and that
        /// host answered.
        case addressVerified = "+address-verified"
        /// Nobody answered, or somebody else.
        case addressUnverified = "-address-unverified"
        /// Somebody else removed or took the write address, or a step of taking it failed.
        case addressTrouble = "!address"
        /// Logged, not published: `<id> voted for <id> <epoch>` and the like.
        case remark = "remark"
        /// Logged, not published: something an operator must look at, said once with its reason.
        case alarm = "alarm"

        /// The level that Sentinel gives the event.
        public var level: Level {
            switch self {
            case .monitor, .subjectivelyDown, .subjectivelyUp, .objectivelyDown, .objectivelyUp,
                .newEpoch, .tryFailover, .voteForLeader, .electedLeader, .selectReplica,
                .selectedReplica, .promotedReplica, .reconfigureReplicas, .failoverEnd,
                .failoverEndForTimeout, .switchPrimary, .configUpdate, .abortNotElected,
                .switchoverBegin, .writesPaused, .abortHandover, .votersChanged, .paused, .resumed,
                .abortNoGoodReplica, .abortReplicaTimeout, .evidence, .addressTaken,
                .addressGivenUp, .addressTrouble, .addressUnverified, .alarm, .removed, .set,
                .reset, .tiltBegin, .tiltEnd, .scriptError, .scriptTimeout, .abortMasterTimeout:
                .warning
            case .sendReplicaOfNoOne, .waitPromotion, .reconfigurationSent,
                .reconfigurationInProgress, .reconfigurationDone, .reconfigurationTimedOut,
                .replicaFound, .peerFound, .reboot, .convertToReplica, .fixReplicaConfig,
                .addressVerified, .remark, .peerAddressSwitch, .peerAddressUpdate,
                .peerAddressInvalid, .reconfigurationForced:
                .notice
            case .roleChange, .roleMismatch:
                .verbose
            case .scriptStarted, .scriptEnded, .commandLinkFailed, .subscriptionFailed:
                .debug
            }
        }

        /// Whether it goes to subscribers as well as to the log.
        public var isPublished: Bool {
            self != .remark && self != .alarm
        }
    }
}

extension Announcement.Subject {
    /// The group that it is about, if any.
    public var group: String? {
        switch self {
        case .primary(let group, _), .replica(_, let group, _), .peer(_, _, let group, _): group
        case .none: nil
        }
    }
}
