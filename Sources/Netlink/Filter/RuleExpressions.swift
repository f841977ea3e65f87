internal import CLinux

extension Rule {
    /// Writes the rule's expressions: what each field requires of the packet, once, the terms in
    /// their order, the verdict.
    func write(to message: inout MessageWriter, in family: TableFamily) {
        var met: [Field.Requirement] = []
        for term in terms {
            for requirement in term.field.requirements where !met.contains(requirement) {
                met.append(requirement)
                message.require(requirement, in: family)
            }
            message.write(term)
        }
        switch verdict {
        case .accept: message.decide(NF_ACCEPT, chain: nil)
        case .drop: message.decide(NF_DROP, chain: nil)
        case .goto(let chain): message.decide(NFT_GOTO.rawValue, chain: chain)
        case .reset: message.rejectWithReset()
        }
    }
}

/// The expressions of a rule. Each works on one register, so the rule reads as a list.
extension MessageWriter {
    fileprivate mutating func require(_ requirement: Field.Requirement, in family: TableFamily) {
        switch requirement {
        case .ipv4:
            requireNetwork(UInt8(NFPROTO_IPV4), etherType: UInt16(ETH_P_IP), in: family)
        case .ipv6:
            requireNetwork(UInt8(NFPROTO_IPV6), etherType: UInt16(ETH_P_IPV6), in: family)
        case .arp:
            requireNetwork(UInt8(NFPROTO_ARP), etherType: UInt16(ETH_P_ARP), in: family)
        case .tcp:
            loadMeta(NFT_META_L4PROTO)
            compare([6], NFT_CMP_EQ)  // IPPROTO_TCP
        case .icmpv6:
            loadMeta(NFT_META_L4PROTO)
            compare([58], NFT_CMP_EQ)  // IPPROTO_ICMPV6
        }
    }

    private mutating func requireNetwork(
        _ number: UInt8, etherType: UInt16, in family: TableFamily
    ) {
        switch family {
        case .inet:
            loadMeta(NFT_META_NFPROTO)
            compare([number], NFT_CMP_EQ)
        case .netdev:
            loadMeta(NFT_META_PROTOCOL)
            compare([UInt8(etherType >> 8), UInt8(truncatingIfNeeded: etherType)], NFT_CMP_EQ)
        case .arp:
            break  // Sees nothing else.
        }
    }

    fileprivate mutating func write(_ term: Term) {
        if case .exists = term.test { return }
        switch term.field.source {
        case .meta(let key): loadMeta(key)
        case .payload(let base, let offset, let length):
            loadPayload(base, offset: offset, length: length)
        }
        switch term.test {
        case .equals(let value): compare(value, NFT_CMP_EQ)
        case .differs(let value): compare(value, NFT_CMP_NEQ)
        case .hasBits(let bits, let value):
            mask(bits)
            compare(value, NFT_CMP_EQ)
        case .isIn(let set): lookUp(set, isInverted: false)
        case .isNotIn(let set): lookUp(set, isInverted: true)
        case .exists: break
        }
    }

    private mutating func expression(
        _ name: String, _ body: (inout MessageWriter) -> Void
    ) {
        nested(NFTA_LIST_ELEM.rawValue) {
            $0.attribute(NFTA_EXPR_NAME.rawValue, text: name)
            $0.nested(NFTA_EXPR_DATA.rawValue, body)
        }
    }

    private mutating func loadMeta(_ key: nft_meta_keys) {
        expression("meta") {
            $0.attribute(NFTA_META_KEY.rawValue, network: key.rawValue)
            $0.attribute(NFTA_META_DREG.rawValue, network: NFT_REG_1.rawValue)
        }
    }

    private mutating func loadPayload(
        _ base: nft_payload_bases, offset: UInt32, length: UInt32
    ) {
        expression("payload") {
            $0.attribute(NFTA_PAYLOAD_DREG.rawValue, network: NFT_REG_1.rawValue)
            $0.attribute(NFTA_PAYLOAD_BASE.rawValue, network: base.rawValue)
            $0.attribute(NFTA_PAYLOAD_OFFSET.rawValue, network: offset)
            $0.attribute(NFTA_PAYLOAD_LEN.rawValue, network: length)
        }
    }

    private mutating func mask(_ mask: [UInt8]) {
        expression("bitwise") {
            $0.attribute(NFTA_BITWISE_SREG.rawValue, network: NFT_REG_1.rawValue)
            $0.attribute(NFTA_BITWISE_DREG.rawValue, network: NFT_REG_1.rawValue)
            $0.attribute(NFTA_BITWISE_LEN.rawValue, network: UInt32(mask.count))
            $0.nested(NFTA_BITWISE_MASK.rawValue) {
                $0.attribute(NFTA_DATA_VALUE.rawValue, octets: mask)
            }
            $0.nested(NFTA_BITWISE_XOR.rawValue) {
                $0.attribute(NFTA_DATA_VALUE.rawValue, octets: mask.map { _ in 0 })
            }
        }
    }

    private mutating func compare(_ value: [UInt8], _ operation: nft_cmp_ops) {
        expression("cmp") {
            $0.attribute(NFTA_CMP_SREG.rawValue, network: NFT_REG_1.rawValue)
            $0.attribute(NFTA_CMP_OP.rawValue, network: operation.rawValue)
            $0.nested(NFTA_CMP_DATA.rawValue) {
                $0.attribute(NFTA_DATA_VALUE.rawValue, octets: value)
            }
        }
    }

    private mutating func lookUp(_ setName: String, isInverted: Bool) {
        expression("lookup") {
            $0.attribute(NFTA_LOOKUP_SREG.rawValue, network: NFT_REG_1.rawValue)
            $0.attribute(NFTA_LOOKUP_SET.rawValue, text: setName)
            if isInverted {
                $0.attribute(NFTA_LOOKUP_FLAGS.rawValue, network: UInt32(1))  // NFT_LOOKUP_F_INV
            }
        }
    }

    fileprivate mutating func decide(_ code: Int32, chain: String?) {
        expression("immediate") {
            $0.attribute(NFTA_IMMEDIATE_DREG.rawValue, network: NFT_REG_VERDICT.rawValue)
            $0.nested(NFTA_IMMEDIATE_DATA.rawValue) {
                $0.nested(NFTA_DATA_VERDICT.rawValue) {
                    $0.attribute(NFTA_VERDICT_CODE.rawValue, network: code)
                    if let chain { $0.attribute(NFTA_VERDICT_CHAIN.rawValue, text: chain) }
                }
            }
        }
    }

    fileprivate mutating func rejectWithReset() {
        expression("reject") {
            $0.attribute(NFTA_REJECT_TYPE.rawValue, network: NFT_REJECT_TCP_RST.rawValue)
            $0.attribute(NFTA_REJECT_ICMP_CODE.rawValue, octets: [0])
        }
    }
}
