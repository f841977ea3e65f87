import Addressing
import DirectiveFile
import SentinelCore

/// Whether the write and read addresses can be what they are to be.
extension ConfigurationReader {
    mutating func checkVirtualAddresses(_ local: Configuration.Host?) {
        var taken: [(address: IPAddress, what: String)] = []
        for entry in draft.groups {
            let virtual = [
                (entry.writeWord, entry.group.writeAddress, "write"),
                (entry.readWord, entry.group.readAddress, "read"),
            ]
            for case (let word?, let virtual?, let kind) in virtual {
                let address = virtual.prefix.address
                if let owner = draft.hosts.first(where: { $0.host.address == address }) {
                    refuse(word, "\(address) is the own address of '\(owner.host.name)'")
                } else if draft.groups.contains(where: {
                    $0.group.settings.primary.address == address
                }) {
                    refuse(
                        word, "\(address) is monitored: a server's own address can't move away")
                } else if let other = taken.first(where: { $0.address == address }) {
                    refuse(word, "\(address) is the \(other.what) already")
                } else {
                    taken.append((address, "\(kind) address of '\(entry.word.text)'"))
                    let holder: Configuration.Host.Role = kind == "write" ? .node : .balancer
                    if local?.role == holder { checkPlace(of: virtual, word) }
                }
            }
            if entry.writeWord != nil { checkHolders(entry) }
        }
    }

    /// Somebody must be able to hold the address while the configured primary is one.
    private mutating func checkHolders(_ entry: Draft.Group) {
        let primary = entry.group.settings.primary.address
        guard !draft.hosts.isEmpty, !draft.hasUnreadHost,
            !draft.hosts.contains(where: { $0.host.address == primary && $0.host.role == .node })
        else { return }
        refuse(
            entry.primaryWord,
            "\(primary) is on none of the listed nodes, so that no host could hold the write "
                + "address for it")
    }

    /// The interface is the one on whose network the address lies.
    private mutating func checkPlace(
        of virtual: Configuration.VirtualAddress, _ word: Directive.Word
    ) {
        guard let facts, virtual.interface == nil, facts.interface(for: virtual) == nil
        else { return }
        let networks = facts.interfaces.flatMap { interface in
            interface.addresses.filter { !isLoopback($0.address) }.map {
                "\($0) on \(interface.name)"
            }
        }
        refuse(
            word,
            "\(virtual.prefix.address) lies in no network of this host"
                + (networks.isEmpty ? "" : " (\(networks.joined(separator: ", ")))")
                + "; name the interface if that is meant: … interface NAME")
    }
}
