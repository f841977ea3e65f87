import Addressing
import Configuration
import DirectiveFile

/// Where the node of this host listens, by its configuration file. The file need not be sound: a
/// status is wanted most when something is wrong.
enum NodeTarget {
    static func target(
        of document: Document, ownAddresses: [IPAddress]
    ) -> NodeClient.Target {
        var port = NodeClient.Target.standardPort
        var bound: [String] = []
        for directive in document.directives {
            let values = directive.arguments.map(\.text)
            switch directive.name {
            case "port": port = values.first.flatMap { UInt16($0) } ?? port
            case "bind": bound = values.map { $0.hasPrefix("-") ? String($0.dropFirst()) : $0 }
            default: break
            }
        }
        // Loopback is nearest where it is open, and it is unless `bind` says otherwise.
        let isOpenOnLoopback =
            bound.isEmpty || bound.contains { ["*", "0.0.0.0", "127.0.0.1"].contains($0) }
        let own = ownAddresses.map(\.description)
        let host = isOpenOnLoopback ? nil : bound.first { own.contains($0) }
        return NodeClient.Target(host: host ?? "127.0.0.1", port: port)
    }
}
