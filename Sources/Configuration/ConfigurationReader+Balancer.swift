import Addressing
import DirectiveFile
import MonotonicTime

/// The lines about what the balancers serve.
extension ConfigurationReader {
    mutating func readReadAddress(_ directive: Directive) {
        let words = directive.words
        let usage = "baton read-address GROUP ADDRESS/LENGTH port PORT [interface NAME] [tls]"
        guard hasArity(directive, 6...9, usage), let group = group(words[2]),
            let prefix = prefix(words[3])
        else { return }
        guard words[4].text.lowercased() == "port" else {
            return refuse(words[4], "'port' is expected here")
        }
        guard let port = integer(words[5], in: 1...65535, "a port") else { return }
        var interface: String?
        var isSecured = false
        var rest = words[6...]
        while let word = rest.popFirst() {
            switch word.text.lowercased() {
            case "tls":
                guard mayBeSecured(word) else { return }
                isSecured = true
            case "interface":
                // Nodes have no use for it, and other interfaces.
                guard let name = rest.popFirst() else {
                    return refuse(word, "it is written: \(usage)")
                }
                interface = name.text
            default:
                return refuse(word, "it is written: \(usage)")
            }
        }
        if let first = draft.groups[group].readWord {
            return refuse(
                words[3],
                "group '\(words[2].text)' has a read address already, by line \(first.line)")
        }
        draft.groups[group].readWord = words[3]
        draft.groups[group].group.readAddress = Configuration.VirtualAddress(
            prefix: prefix, interface: interface)
        draft.groups[group].group.readPort = UInt16(port)
        draft.groups[group].group.readIsSecured = isSecured
    }

    private mutating func mayBeSecured(_ word: Directive.Word) -> Bool {
        guard facts?.hasTLS == false else { return true }
        refuse(word, "this Baton was built without TLS (package trait TLS)")
        return false
    }

    mutating func readListen(_ directive: Directive) {
        let words = directive.words
        let services = Configuration.Service.allCases.map(\.rawValue)
        let usage =
            "baton listen " + services.joined(separator: "|")
            + " GROUP ADDRESS:PORT|*:PORT [tls] [max-staleness MILLISECONDS] [read-your-writes]"
        guard hasArity(directive, 5...9, usage) else { return }
        guard let service = Configuration.Service(rawValue: words[2].text.lowercased()) else {
            guard nearestSpelling(of: words[2].text, among: services) == nil else {
                return refuseUnknown("kind of listener", words[2], among: services)
            }
            return refuse(
                words[2],
                "unknown kind of listener '\(words[2].text)': it is 'read', 'write' or 'auto'")
        }
        guard let group = group(words[3]), var place = place(words[4], service),
            readOptions(words[5...], of: &place, usage)
        else { return }
        // Of whatever kind: the kernel would let several share it.
        if let first = draft.groups.flatMap(\.listenWords).first(where: {
            $0.place.address == place.address && $0.place.port == place.port
        }) {
            return refuse(
                words[4], "\(words[4].text) is listened on already, by line \(first.word.line)")
        }
        draft.groups[group].listenWords.append((words[4], place))
        draft.groups[group].group.listeners.append(place)
    }

    /// What is asked of clients, and of the data that they read; `false` where that was refused.
    private mutating func readOptions(
        _ words: ArraySlice<Directive.Word>, of place: inout Configuration.Listener,
        _ usage: String
    ) -> Bool {
        var rest = words
        while let word = rest.popFirst() {
            switch word.text.lowercased() {
            case "tls":
                guard mayBeSecured(word) else { return false }
                place.isSecured = true
            case "max-staleness":
                guard place.service != .write else {
                    refuse(word, "a 'write' listener reads from the primary: nothing is newer")
                    return false
                }
                guard let value = rest.popFirst() else {
                    refuse(word, "it is written: \(usage)")
                    return false
                }
                guard let milliseconds = integer(value, in: 250...3_600_000, "a staleness")
                else { return false }
                place.stalenessMax = .milliseconds(milliseconds)
            case "read-your-writes":
                guard place.service == .auto else {
                    refuse(
                        word,
                        "it needs an 'auto' listener: with '\(place.service.rawValue)' reads and "
                            + "writes go the same way")
                    return false
                }
                place.showsOwnWrites = true
            default:
                let options = ["tls", "max-staleness", "read-your-writes"]
                guard nearestSpelling(of: word.text, among: options) == nil else {
                    refuseUnknown("option", word, among: options)
                    return false
                }
                refuse(word, "unknown option '\(word.text)'; it is written: \(usage)")
                return false
            }
        }
        return true
    }

    /// Where a listener is opened; `nil`, with the reason said, where the word is none.
    private mutating func place(
        _ word: Directive.Word, _ service: Configuration.Service
    ) -> Configuration.Listener? {
        if let (address, port) = place(of: word.text) {
            return Configuration.Listener(service: service, address: address, port: port)
        }
        refuse(
            word,
            "'\(word.text)' is no place to listen: an address and a port are needed, such as "
                + "*:6379, 10.18.14.54:6379 or [2001:db8::1]:6379")
        return nil
    }

    /// No address is every address.
    private func place(of text: String) -> (address: IPAddress?, port: UInt16)? {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...]),
            port > 0
        else { return nil }
        var host = text[..<colon]
        if host == "*" { return (nil, port) }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(host), isHostAddress(address) else { return nil }
        // Of an IPv6 address without brackets the last part might be the port, or not.
        if case .v6 = address, !isBracketed { return nil }
        return (address, port)
    }

    mutating func readReadFrom(_ directive: Directive) {
        let words = directive.words
        let values = Configuration.ReadSource.allCases.map(\.rawValue)
        let usage = "baton read-from GROUP " + values.joined(separator: "|")
        guard hasArity(directive, 4...4, usage), let group = group(words[2]) else { return }
        guard let source = Configuration.ReadSource(rawValue: words[3].text.lowercased()) else {
            return refuseUnknown("source of reads", words[3], among: values)
        }
        draft.groups[group].group.readsFrom = source
    }

    mutating func readVirtualRouter(_ directive: Directive) {
        let words = directive.words
        let usage =
            "baton virtual-router GROUP ID [version 2|3] [advert-milliseconds TIME] "
            + "[preempt yes|no]"
        guard hasArity(directive, 4...10, usage), let group = group(words[2]),
            let id = integer(words[3], in: 1...255, "a virtual router's number")
        else { return }
        var router = Configuration.VirtualRouter(id: UInt8(id))
        guard words.count.isMultiple(of: 2) else {
            return refuse(words[words.count - 1], "it is written: \(usage)")
        }
        for index in stride(from: 4, to: words.count, by: 2) {
            let value = words[index + 1]
            switch words[index].text.lowercased() {
            case "version":
                guard let version = integer(value, in: 2...3, "a version of VRRP") else { return }
                router.version = version
            case "advert-milliseconds":
                guard let time = integer(value, in: 10...40_950, "a time in milliseconds") else {
                    return
                }
                router.advertInterval = .milliseconds(time)
            case "preempt":
                guard let flag = yesOrNo(value) else { return }
                router.preempts = flag
            default:
                return refuseUnknown(
                    "setting of a virtual router", words[index],
                    among: ["version", "advert-milliseconds", "preempt"])
            }
        }
        if let first = draft.groups[group].routerWord {
            return refuse(
                words[3],
                "group '\(words[2].text)' has a virtual router already, by line \(first.line)")
        }
        draft.groups[group].routerWord = words[3]
        draft.groups[group].group.router = router
    }

    // MARK: What only the whole file shows

    mutating func checkBalancing(_ local: Configuration.Host?) {
        checkListeners()
        for entry in draft.groups {
            checkRouter(entry)
            guard let word = entry.readWord ?? entry.listenWords.first?.word,
                !draft.hosts.isEmpty, !draft.hasUnreadHost,
                !draft.hosts.contains(where: { $0.host.role == .balancer })
            else { continue }
            warn(
                word,
                "no host is a balancer, so that nobody serves this; write `baton host NAME ADDRESS "
                    + "balancer` for each that shall")
        }
        guard local?.role == .balancer, !draft.groups.isEmpty,
            !draft.groups.contains(where: {
                $0.readWord != nil || !$0.listenWords.isEmpty
            })
        else { return }
        refuseFile(
            "this host is a balancer and has nothing to serve: write `baton read-address` or "
                + "`baton listen` for a group")
    }

    /// One place serves one group; the kernel would let several share it. And what leads to the
    /// primary's host is no place on a balancer.
    private mutating func checkListeners() {
        for entry in draft.groups {
            for (word, place) in entry.listenWords {
                if let owner = draft.groups.first(where: { other in
                    other.group.readPort == place.port
                        && other.group.readAddress?.prefix.address == place.address
                }) {
                    refuse(word, "\(word.text) is the read address of '\(owner.word.text)' already")
                }
                if let owner = draft.groups.first(where: { other in
                    place.address != nil
                        && other.group.writeAddress?.prefix.address == place.address
                }) {
                    refuse(
                        word,
                        "the write address of '\(owner.word.text)' is on its primary's host, so "
                            + "that no balancer can listen on it; name another address, or *")
                }
                if place.port == draft.port {
                    refuse(word, "port \(place.port) is Baton's own (`port`)")
                }
            }
        }
    }

    private mutating func checkRouter(_ entry: Draft.Group) {
        if let word = entry.routerWord ?? entry.readWord, let id = entry.group.routerID,
            let other = draft.groups.first(where: { $0.group.routerID == id }),
            other.word != entry.word
        {
            refuse(
                word,
                "the virtual router of '\(entry.word.text)' would have the number \(id), which is "
                    + "that of '\(other.word.text)'; give it another: "
                    + "`baton virtual-router \(entry.word.text) ID`")
        }
        guard let word = entry.routerWord, let router = entry.group.router else { return }
        guard let address = entry.group.readAddress else {
            return refuse(
                word, "group '\(entry.word.text)' has no read address that a router could hold")
        }
        let milliseconds = router.advertInterval.milliseconds
        let (unit, name) =
            router.version == 2 ? (1000, "whole seconds") : (10, "hundredths of a second")
        if !milliseconds.isMultiple(of: unit) {
            refuse(
                word,
                "version \(router.version) of VRRP counts \(name): \(milliseconds) ms can't be said"
            )
        }
        if router.version == 2, case .v6 = address.prefix.address {
            refuse(word, "version 2 of VRRP knows no IPv6: \(address.prefix.address)")
        }
    }
}
