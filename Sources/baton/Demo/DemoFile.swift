import Addressing
import Laboratory

/// The configuration file that the demonstration's nodes run with.
struct DemoFile {
    /// The name of the one group.
    static let group = "orders"
    /// Sentinel's port, where nothing else is said.
    static let standardPort: UInt16 = 26379
    /// Where reads are served.
    static let readPort: UInt16 = 6379

    struct Member: Equatable {
        var name: String
        var address: IPv4Address
    }

    var members: [Member]
    /// The server that is the primary at the beginning.
    var primary: Endpoint
    var password: String
    var port = DemoFile.standardPort
    /// Where nodes share one machine, the only address that the node answers on, by which it also
    /// knows which of them it is.
    var bind: IPv4Address?
    /// In the form `10.18.14.94/20`; `nil` where no address can move.
    var writeAddress: String?
    /// The same of the address for reads, which the balancers share.
    var readAddress: String?
    var balancers: [Member] = []
    var secretPath: String

    /// The same on every host, but for `bind`.
    var text: String {
        let group = Self.group
        var lines = [
            "port \(port)", "logfile baton.log", "",
            "sentinel monitor \(group) \(primary.address) \(primary.port) 2",
            "sentinel auth-pass \(group) \(password)",
            "sentinel down-after-milliseconds \(group) 5000", "",
            "baton secret-file \(secretPath)",
        ]
        if let writeAddress { lines.append("baton write-address \(group) \(writeAddress)") }
        if let readAddress {
            lines.append("baton read-address \(group) \(readAddress) port \(Self.readPort)")
        }
        lines += members.map { "baton host \($0.name) \($0.address) node" }
        lines += balancers.map { "baton host \($0.name) \($0.address) balancer" }
        if let bind { lines.insert("bind \(bind)", at: 1) }
        return lines.map { $0 + "\n" }.joined()
    }
}
