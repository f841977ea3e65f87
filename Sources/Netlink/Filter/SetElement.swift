internal import Addressing
internal import CLinux
internal import Glibc

/// Something that is in a set.
struct SetElement: Equatable {
    /// What the set's rules compare, in network byte order.
    var key: [UInt8]
    /// Milliseconds from now until the kernel forgets it; `nil` for never.
    var lifetime: UInt64?

    init(_ address: IPAddress, lifetime: UInt64? = nil) {
        key = address.octets
        self.lifetime = lifetime
    }

    init(port: UInt16, lifetime: UInt64? = nil) {
        key = [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)]
        self.lifetime = lifetime
    }

    init(key: [UInt8], lifetime: UInt64?) {
        self.key = key
        self.lifetime = lifetime
    }

    /// `nil` when the key is no address's.
    var address: IPAddress? {
        let family: Int32
        switch key.count {
        case 4: family = AF_INET
        case 16: family = AF_INET6
        default: return nil
        }
        return IPAddress(family: UInt8(family), octets: key[...])
    }

    /// `nil` when the key is no port's.
    var port: UInt16? {
        key.count == 2 ? key[...].network(UInt16.self) : nil
    }
}

/// A set of one table, as messages name it.
struct SetReference: Equatable {
    var family: TableFamily
    var table: String
    var set: String

    /// Adds elements; those that are there stay as they are.
    func addition(of elements: [SetElement]) -> MessageWriter {
        change(NFT_MSG_NEWSETELEM, flags: NLM_F_CREATE, elements)
    }

    /// Adds an element; EEXIST when it is there and lives.
    func exclusiveAddition(of element: SetElement) -> MessageWriter {
        change(NFT_MSG_NEWSETELEM, flags: NLM_F_CREATE | NLM_F_EXCL, [element])
    }

    /// Removes an element; ENOENT when it is not there or has expired.
    func removal(of element: SetElement) -> MessageWriter {
        change(NFT_MSG_DELSETELEM, flags: 0, [SetElement(key: element.key, lifetime: nil)])
    }

    /// Removes an element that may be missing: it is added first. (The message that does it alone,
    /// NFT_MSG_DESTROYSETELEM, came with kernel 6.3.)
    func clearance(of element: SetElement) -> [MessageWriter] {
        [addition(of: [element]), removal(of: element)]
    }

    /// Makes the set hold exactly these, none of which expires.
    func replacement(with elements: [SetElement]) -> [MessageWriter] {
        let flush = change(NFT_MSG_DELSETELEM, flags: 0, nil)
        return [flush]
            + stride(from: 0, to: elements.count, by: Self.additionsMax).map {
                addition(of: Array(elements[$0..<min($0 + Self.additionsMax, elements.count)]))
            }
    }

    /// Elements in one message, whose list's length is sixteen bits.
    private static let additionsMax = 512

    /// Lists the elements that live.
    func listRequest() -> MessageWriter {
        var request = RulesetMessages.message(
            NFT_MSG_GETSETELEM, family, flags: NLM_F_REQUEST | NLM_F_DUMP)
        name(in: &request)
        return request
    }

    private func change(
        _ type: nf_tables_msg_types, flags: Int32, _ elements: [SetElement]?
    ) -> MessageWriter {
        var message = RulesetMessages.change(type, family, flags: flags)
        name(in: &message)
        guard let elements else { return message }
        message.nested(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue) {
            for element in elements { $0.write(element) }
        }
        return message
    }

    private func name(in message: inout MessageWriter) {
        message.attribute(NFTA_SET_ELEM_LIST_TABLE.rawValue, text: table)
        message.attribute(NFTA_SET_ELEM_LIST_SET.rawValue, text: set)
    }
}

extension MessageWriter {
    fileprivate mutating func write(_ element: SetElement) {
        nested(NFTA_LIST_ELEM.rawValue) {
            $0.nested(NFTA_SET_ELEM_KEY.rawValue) {
                $0.attribute(NFTA_DATA_VALUE.rawValue, octets: element.key)
            }
            if let lifetime = element.lifetime {
                $0.attribute(NFTA_SET_ELEM_TIMEOUT.rawValue, network: lifetime)
            }
        }
    }
}

extension SetElement {
    /// The elements in one message of the answer to ``SetReference/listRequest()``; `nil` when it
    /// is malformed.
    static func read(_ message: Message) -> [SetElement]? {
        guard let attributes = Attribute.scan(message.payload.dropFirst(4)) else { return nil }
        guard let list = attributes.value(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue) else { return [] }
        guard let elements = Attribute.scan(list) else { return nil }
        var read: [SetElement] = []
        for element in elements {
            guard let fields = Attribute.scan(element.value) else { return nil }
            // Elements without a key (a catch-all) are not ours.
            guard let key = fields.value(NFTA_SET_ELEM_KEY.rawValue) else { continue }
            guard let data = Attribute.scan(key)?.value(NFTA_DATA_VALUE.rawValue) else {
                return nil
            }
            let expiration = fields.value(NFTA_SET_ELEM_EXPIRATION.rawValue)
            read.append(
                SetElement(key: Array(data), lifetime: expiration?.network(UInt64.self)))
        }
        return read
    }
}
