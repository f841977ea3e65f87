public import Addressing

/// Sentinel's gossip: who I am, and which server I take for the primary of one group.
///
/// On the wire it is eight fields joined by commas, published on `__sentinel__:hello`
/// (Sentinel behaviour; the text is read by real Sentinels as well).
public struct Hello: Equatable, Sendable {
    public var sender: Endpoint
    public var senderID: RunID
    public var currentEpoch: Epoch
    public var group: String
    public var primary: Endpoint
    public var configEpoch: Epoch

    public init(
        sender: Endpoint, senderID: RunID, currentEpoch: Epoch, group: String, primary: Endpoint,
        configEpoch: Epoch
    ) {
        self.sender = sender
        self.senderID = senderID
        self.currentEpoch = currentEpoch
        self.group = group
        self.primary = primary
        self.configEpoch = configEpoch
    }

    /// Reads the eight fields; `nil` for any other count or a field that is not what it must be.
    public init?(text: some StringProtocol) {
        // By bytes, since a comma is one: finding the borders of characters costs ten times as
        // much, and every node reads thousands of these a minute.
        guard text.utf8.count <= Self.textLengthMax else { return nil }
        let fields = Array(text.utf8)
            .split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard fields.count == 8,
            let senderAddress = IPAddress(fields[0]), let senderPort = UInt16(fields[1]),
            let senderID = RunID(fields[2]), let currentEpoch = Epoch(fields[3]),
            !fields[4].isEmpty,
            let primaryAddress = IPAddress(fields[5]), let primaryPort = UInt16(fields[6]),
            let configEpoch = Epoch(fields[7])
        else { return nil }
        self.init(
            sender: Endpoint(address: senderAddress, port: senderPort), senderID: senderID,
            currentEpoch: currentEpoch, group: fields[4],
            primary: Endpoint(address: primaryAddress, port: primaryPort), configEpoch: configEpoch)
    }

    /// The longest text that is read. Two IPv6 addresses, two ports, two epochs, an identity and a
    /// group's name fit in 400 bytes; what is longer is not a hello.
    public static let textLengthMax = 1024

    /// The wire form.
    public var text: String {
        "\(sender.address),\(sender.port),\(senderID),\(currentEpoch),\(group),"
            + "\(primary.address),\(primary.port),\(configEpoch)"
    }
}
