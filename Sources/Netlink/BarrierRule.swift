internal import CLinux

extension BarrierMessages {
    /// Refuses what opens a TCP connection (SYN without ACK) to an address of the set. What is
    /// established passes, so that the resets of ``ConnectionReset`` find their way.
    func rule(_ family: Family) -> MessageWriter {
        var rule = change(NFT_MSG_NEWRULE, flags: NLM_F_CREATE | NLM_F_APPEND)
        rule.attribute(NFTA_RULE_TABLE.rawValue, text: tableName)
        rule.attribute(NFTA_RULE_CHAIN.rawValue, text: Self.chainName)
        rule.nested(NFTA_RULE_EXPRESSIONS.rawValue) {
            $0.loadMeta(NFT_META_NFPROTO)
            $0.compareEqual([family.networkProtocol])
            $0.loadMeta(NFT_META_L4PROTO)
            $0.compareEqual([6])  // IPPROTO_TCP
            $0.loadPayload(NFT_PAYLOAD_TRANSPORT_HEADER, offset: 13, length: 1)  // Flags.
            $0.mask([0x12])  // SYN | ACK
            $0.compareEqual([0x02])  // SYN
            $0.loadPayload(
                NFT_PAYLOAD_NETWORK_HEADER, offset: family.destinationOffset,
                length: family.keyLength)
            $0.lookUp(family.setName)
            $0.rejectWithReset()
        }
        return rule
    }
}

/// The expressions of a rule. Each works on one register, so the rule reads as a list.
extension MessageWriter {
    private mutating func expression(
        _ name: String, _ body: (inout MessageWriter) -> Void
    ) {
        nested(NFTA_LIST_ELEM.rawValue) {
            $0.attribute(NFTA_EXPR_NAME.rawValue, text: name)
            $0.nested(NFTA_EXPR_DATA.rawValue, body)
        }
    }

    fileprivate mutating func loadMeta(_ key: nft_meta_keys) {
        expression("meta") {
            $0.attribute(NFTA_META_KEY.rawValue, network: key.rawValue)
            $0.attribute(NFTA_META_DREG.rawValue, network: NFT_REG_1.rawValue)
        }
    }

    fileprivate mutating func loadPayload(
        _ base: nft_payload_bases, offset: UInt32, length: UInt32
    ) {
        expression("payload") {
            $0.attribute(NFTA_PAYLOAD_DREG.rawValue, network: NFT_REG_1.rawValue)
            $0.attribute(NFTA_PAYLOAD_BASE.rawValue, network: base.rawValue)
            $0.attribute(NFTA_PAYLOAD_OFFSET.rawValue, network: offset)
            $0.attribute(NFTA_PAYLOAD_LEN.rawValue, network: length)
        }
    }

    fileprivate mutating func mask(_ mask: [UInt8]) {
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

    fileprivate mutating func compareEqual(_ value: [UInt8]) {
        expression("cmp") {
            $0.attribute(NFTA_CMP_SREG.rawValue, network: NFT_REG_1.rawValue)
            $0.attribute(NFTA_CMP_OP.rawValue, network: NFT_CMP_EQ.rawValue)
            $0.nested(NFTA_CMP_DATA.rawValue) {
                $0.attribute(NFTA_DATA_VALUE.rawValue, octets: value)
            }
        }
    }

    fileprivate mutating func lookUp(_ setName: String) {
        expression("lookup") {
            $0.attribute(NFTA_LOOKUP_SREG.rawValue, network: NFT_REG_1.rawValue)
            $0.attribute(NFTA_LOOKUP_SET.rawValue, text: setName)
        }
    }

    fileprivate mutating func rejectWithReset() {
        expression("reject") {
            $0.attribute(NFTA_REJECT_TYPE.rawValue, network: NFT_REJECT_TCP_RST.rawValue)
            $0.attribute(NFTA_REJECT_ICMP_CODE.rawValue, octets: [0])
        }
    }
}
