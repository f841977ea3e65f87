public import SentinelCore

/// What a Sentinel reads of an `INFO` reply: these fields and no others.
public struct InstanceReport: Equatable, Sendable {
    /// What the server takes itself for.
    public enum Role: Equatable, Sendable {
        case primary
        /// `role:slave`.
        case replica
    }

    /// One `slaveN:` line: where a replica connects from. The host may be a name.
    public struct Attached: Equatable, Sendable {
        public var host: String
        public var port: UInt16

        public init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }
    }

    /// `nil` where the text has no `role:`.
    public var role: Role?
    /// `run_id`: this life of the process.
    public var runID: RunID?
    /// `master_host` and `master_port`.
    public var followedHost: String?
    public var followedPort: UInt16 = 0
    /// `master_link_status:up`.
    public var isLinkUp = false
    /// `master_link_down_since_seconds`; `nil` while the link is up.
    public var linkDownSeconds: Int?
    /// `slave_priority`; 0: never promote.
    public var priority = 100
    /// `slave_repl_offset`.
    public var offset: UInt64 = 0
    /// `replica_announced`; false hides the replica from clients.
    public var isAnnounced = true
    /// A primary's replicas, in the order of its report.
    public var attached: [Attached] = []
    /// `master_failover_state`, which servers have that know `FAILOVER`.
    public var failoverState: String?
    /// The whole text, for `INFO-CACHE`.
    public var text: String

    public init(text: String = "") {
        self.text = text
    }
}

extension InstanceReport {
    /// More `slaveN:` lines than this are left out.
    static let attachedCountMax = 512
    /// The longest value that is looked at: a `slaveN:` line has about 120 bytes, with a name of
    /// the DNS 253 more.
    static let valueLengthMax = 512
    /// The longest key that is looked at.
    static let keyLengthMax = 40

    /// Reads the text of an `INFO` reply. Any bytes may be given; what is not as it must be leaves
    /// the default.
    public init(infoText bytes: [UInt8]) {
        self.init(text: String(decoding: bytes, as: UTF8.self))
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            // Of the two hundred lines of a report these are all that count.
            switch line.first {
            case UInt8(ascii: "r"), UInt8(ascii: "m"), UInt8(ascii: "s"):
                read(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
            default:
                continue
            }
        }
    }

    private mutating func read(_ line: ArraySlice<UInt8>) {
        guard let colon = line.prefix(Self.keyLengthMax + 1).firstIndex(of: UInt8(ascii: ":")),
            line.endIndex - colon <= Self.valueLengthMax
        else { return }
        let value = String(decoding: line[(colon + 1)...], as: UTF8.self)
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "role":
            role = value == "master" ? .primary : value == "slave" ? .replica : nil
        case "run_id": runID = RunID(value)
        case "master_host": followedHost = value.isEmpty ? nil : value
        case "master_port": followedPort = UInt16(value) ?? 0
        case "master_link_status": isLinkUp = value == "up"
        // -1 when the link was never up in this life of the server.
        case "master_link_down_since_seconds": linkDownSeconds = Int(max(0, Int32(value) ?? 0))
        case "slave_priority": priority = Int(max(0, Int32(value) ?? 100))
        case "slave_repl_offset": offset = UInt64(value) ?? 0
        case "replica_announced": isAnnounced = value != "0"
        case "master_failover_state": failoverState = value
        default:
            if attached.count < Self.attachedCountMax,
                let replica = Self.attached(line[..<colon], value)
            {
                attached.append(replica)
            }
        }
    }

    /// `slaveN:ip=10.0.0.2,port=6379,state=online,…`, or Redis 2.6's `slaveN:10.0.0.2,6379,online`.
    private static func attached(_ key: ArraySlice<UInt8>, _ value: String) -> Attached? {
        guard key.starts(with: "slave".utf8), key.count > 5,
            key.dropFirst(5).allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        var host: Substring?
        var port: UInt16?
        for (index, part) in value.split(separator: ",", omittingEmptySubsequences: false)
            .enumerated()
        {
            if part.hasPrefix("ip=") {
                host = part.dropFirst(3)
            } else if part.hasPrefix("port=") {
                port = UInt16(part.dropFirst(5))
            } else if index == 0, !part.contains("=") {
                host = part
            } else if index == 1, !part.contains("=") {
                port = UInt16(part)
            }
        }
        guard let host, !host.isEmpty, let port, port > 0 else { return nil }
        return Attached(host: String(host), port: port)
    }
}
