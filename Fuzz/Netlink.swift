// sources: CLinux MonotonicTime Addressing Netlink
//
// Any bytes, read as a datagram of the kernel's by every decoder: nothing traps, and no slice
// reaches beyond the datagram.

/// libFuzzer's entry: one input, by its bytes.
@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let datagram = [UInt8](UnsafeBufferPointer(start: start, count: count))
    _ = Notice.read(datagram)
    var filter = FilterNoticeReader(tableName: "baton", ownPorts: [])
    _ = filter.read(datagram)
    for message in Message.scan(datagram) ?? [] {
        precondition(message.payload.endIndex <= datagram.count)
        for attribute in Attribute.scan(message.payload) ?? [] {
            precondition(attribute.value.endIndex <= message.payload.endIndex)
            _ = attribute.text
        }
        _ = Acknowledgement(message)
        if let connection = Connection(message) {
            _ = connection.localAddress
            // What is sent back for it has one length, whatever the kernel said.
            let request = connection.destructionRequest().finished(sequence: 1)
            precondition(request.count == 72)
        }
        for element in SetElement.read(message) ?? [] {
            _ = element.address
            _ = element.port
        }
        _ = RulesetInventory.TableRecord(message)
        _ = RulesetInventory.ChainRecord(message)
        _ = RulesetInventory.RuleRecord(message)
    }
    return 0
}
