package import SentinelCore

/// Sentinel's gossip as a Sentinel may send it: unlike ``Hello``, a host may be a name.
///
/// Eight fields joined by commas, published on `__sentinel__:hello`. Read from anybody, so any
/// bytes may come.
package struct HelloText: Equatable, Sendable {
    package var host: String
    package var port: UInt16
    package var id: RunID
    package var currentEpoch: Epoch
    package var group: String
    package var primaryHost: String
    package var primaryPort: UInt16
    package var configEpoch: Epoch

    /// The longest text that is read: two names of the DNS (253 bytes each), a group's name, an
    /// identity, two ports and two epochs.
    package static let lengthMax = 1024

    package init(
        host: String, port: UInt16, id: RunID, currentEpoch: Epoch, group: String,
        primaryHost: String, primaryPort: UInt16, configEpoch: Epoch
    ) {
        self.host = host
        self.port = port
        self.id = id
        self.currentEpoch = currentEpoch
        self.group = group
        self.primaryHost = primaryHost
        self.primaryPort = primaryPort
        self.configEpoch = configEpoch
    }

    /// `nil` for any other count of fields, or a field that is not what it must be.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.lengthMax else { return nil }
        let fields = text.utf8.split(
            separator: UInt8(ascii: ","), maxSplits: 8, omittingEmptySubsequences: false)
        guard fields.count == 8, !fields[0].isEmpty, !fields[4].isEmpty, !fields[5].isEmpty,
            let port = UInt16(Substring(fields[1])), port > 0,
            let id = RunID(Substring(fields[2])),
            let currentEpoch = Epoch(Substring(fields[3])),
            let primaryPort = UInt16(Substring(fields[6])), primaryPort > 0,
            let configEpoch = Epoch(Substring(fields[7]))
        else { return nil }
        self.init(
            host: String(Substring(fields[0])), port: port, id: id, currentEpoch: currentEpoch,
            group: String(Substring(fields[4])), primaryHost: String(Substring(fields[5])),
            primaryPort: primaryPort, configEpoch: configEpoch)
    }

    /// The wire form.
    package var text: String {
        "\(host),\(port),\(id),\(currentEpoch),\(group),"
            + "\(primaryHost),\(primaryPort),\(configEpoch)"
    }
}
