public import Addressing

extension ServerReport {
    /// The most `slaveN:` lines that are read. A primary of more replicas than this is not a
    /// thing that Baton manages; what is beyond is left out.
    public static let attachedCountMax = 512

    /// Stands for a primary that a replica names in a way that is no address (a host's name), or
    /// does not name at all: 0.0.0.0:0, which no server has.
    public static let unknownPrimary = Endpoint(address: .v4(IPv4Address(bits: 0)), port: 0)

    /// Reads the text of an `INFO` reply.
    ///
    /// Lines end in CRLF or LF, in any order; unknown lines, missing fields and values that are
    /// not what they must be leave the default. `nil` when there is no `role:` that is `master`
    /// or `slave`, without which nothing else means anything. Any bytes may be given.
    public init?(infoText bytes: [UInt8]) {
        var fields = InfoFields()
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            fields.read(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
        }
        guard let report = fields.report() else { return nil }
        self = report
    }
}

/// The fields of an `INFO` text as they were found, before the role says which of them count.
private struct InfoFields {
    private enum Role { case primary, replica }

    private var role: Role?
    private var runID: RunID?
    private var processID: Int32 = 0
    private var replicationID: RunID?
    private var formerReplicationID: RunID?
    private var formerOffset: UInt64?
    private var primaryAddress: IPAddress?
    private var primaryPort: UInt16?
    private var isLinkUp = false
    private var linkDownSeconds = 0
    private var hasFollowed = true
    private var isSyncing = false
    private var hasBacklog = true
    private var isLoading = false
    private var isAnnounced = true
    private var priority = 100
    private var replicaOffset: UInt64 = 0
    private var primaryOffset: UInt64 = 0
    private var attached: [ServerReport.Attached] = []
    private var goodReplicas: Int?
    private var redisVersion = ""
    private var valkeyVersion = ""

    /// The longest key that is looked at, so that a line of a megabyte costs no copy.
    private static let keyLengthMax = 40
    /// The longest value that is looked at: a name of the DNS has at most 253 bytes, a `slaveN:`
    /// line about 120.
    private static let valueLengthMax = 512
    /// The longest version that is kept; an honest one has less than 20 bytes.
    private static let versionLengthMax = 32

    mutating func read(_ line: ArraySlice<UInt8>) {
        guard let colon = line.prefix(Self.keyLengthMax + 1).firstIndex(of: UInt8(ascii: ":")),
            line.endIndex - colon <= Self.valueLengthMax
        else { return }
        let key = String(decoding: line[..<colon], as: UTF8.self)
        let value = String(decoding: line[(colon + 1)...], as: UTF8.self)
        switch key {
        case "role":
            role = value == "master" ? .primary : value == "slave" ? .replica : nil
        case "run_id": runID = RunID(value)
        case "process_id": processID = max(0, Int32(value) ?? 0)
        case "redis_version": redisVersion = Self.version(value)
        case "valkey_version": valkeyVersion = Self.version(value)
        case "loading": isLoading = value == "1"
        case "master_replid": replicationID = RunID(value)
        // Forty zeros, and -1, when there is none.
        case "master_replid2": formerReplicationID = RunID(value)
        case "second_repl_offset": formerOffset = UInt64(value).flatMap { $0 > 0 ? $0 - 1 : nil }
        case "min_slaves_good_slaves": goodReplicas = Int32(value).map { Int(max(0, $0)) }
        case "master_repl_offset": primaryOffset = UInt64(value) ?? 0
        default: readReplica(key, value)
        }
    }

    private mutating func readReplica(_ key: String, _ value: String) {
        switch key {
        case "master_host": primaryAddress = IPAddress(value)
        case "master_port": primaryPort = UInt16(value)
        case "master_link_status": isLinkUp = value == "up"
        // -1 when the link was never up in this life of the server.
        case "master_link_down_since_seconds":
            linkDownSeconds = Int(max(0, Int32(value) ?? 0))
            hasFollowed = value.first != "-"
        case "master_sync_in_progress": isSyncing = value == "1"
        case "repl_backlog_active": hasBacklog = value == "1"
        case "slave_priority": priority = Int(max(0, Int32(value) ?? 100))
        case "slave_repl_offset": replicaOffset = UInt64(value) ?? 0
        case "replica_announced": isAnnounced = value != "0"
        default:
            if let replica = Self.attached(key, value),
                attached.count < ServerReport.attachedCountMax
            {
                attached.append(replica)
            }
        }
    }

    /// `slaveN:ip=10.0.0.2,port=6379,state=online,offset=42,lag=0`, or Redis 2.6's
    /// `slaveN:10.0.0.2,6379,online`.
    private static func attached(_ key: String, _ value: String) -> ServerReport.Attached? {
        guard key.hasPrefix("slave"), key.utf8.count > 5,
            key.utf8.dropFirst(5).allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        var address: IPAddress?
        var port: UInt16?
        var offset: UInt64 = 0
        for (index, part) in value.split(separator: ",", omittingEmptySubsequences: false)
            .enumerated()
        {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 1 {
                if index == 0 { address = IPAddress(part) }
                if index == 1 { port = UInt16(part) }
            } else {
                switch pair[0] {
                case "ip": address = IPAddress(pair[1])
                case "port": port = UInt16(pair[1])
                case "offset": offset = UInt64(pair[1]) ?? 0
                default: break  // state and lag decide nothing.
                }
            }
        }
        guard let address, let port, port != 0 else { return nil }
        return ServerReport.Attached(
            endpoint: Endpoint(address: address, port: port), offset: offset)
    }

    /// The version, when it is one: it goes to logs and tables, so nothing else may stand in it.
    private static func version(_ value: String) -> String {
        let isVersion =
            value.utf8.count <= versionLengthMax
            && value.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || [0x2B, 0x2D, 0x2E, 0x5F].contains(byte)
            }
        return isVersion ? value : ""
    }

    func report() -> ServerReport? {
        guard let role else { return nil }
        var report: ServerReport
        switch role {
        case .primary:
            report = ServerReport(role: .primary)
            report.offset = primaryOffset
            report.attached = attached
        case .replica:
            var primary = ServerReport.unknownPrimary
            if let primaryAddress, let primaryPort {
                primary = Endpoint(address: primaryAddress, port: primaryPort)
            }
            report = ServerReport(role: .replica(of: primary))
            report.offset = replicaOffset
            report.isLinkUp = isLinkUp
            report.linkDownSeconds = isLinkUp ? 0 : linkDownSeconds
            report.hasFollowed = isLinkUp || hasFollowed
            report.isSyncing = isSyncing
        }
        report.runID = runID
        report.processID = processID
        report.replicationID = replicationID
        report.hasBacklog = hasBacklog
        if let formerOffset {
            report.formerReplicationID = formerReplicationID
            report.formerOffset = formerOffset
        }
        report.priority = priority
        report.isLoading = isLoading
        report.isAnnounced = isAnnounced
        report.goodReplicas = goodReplicas
        report.version = valkeyVersion.isEmpty ? redisVersion : valkeyVersion
        return report
    }
}
