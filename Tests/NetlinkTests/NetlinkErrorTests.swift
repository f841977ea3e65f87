import Glibc
import Testing

@testable import Netlink

@Suite("What the kernel refused, in words")
struct NetlinkErrorTests {
    @Test("each failure says what was tried and what the kernel said")
    func descriptions() {
        let refused = NetlinkError.refused(
            operation: "add 10.0.0.1/32 to interface 2", errno: EINVAL, explanation: "why?")
        #expect(
            refused.description == "add 10.0.0.1/32 to interface 2: Invalid argument (why?)")
        let unsupported = NetlinkError.unsupported(
            operation: "reset the connections of 10.0.0.1", errno: EOPNOTSUPP,
            need: "CONFIG_INET_DIAG_DESTROY")
        #expect(
            unsupported.description
                == "reset the connections of 10.0.0.1: Operation not supported: "
                + "this kernel lacks CONFIG_INET_DIAG_DESTROY")
        #expect(unsupported.errno == EOPNOTSUPP)
        #expect(NetlinkError.timedOut(operation: "x").errno == 0)
    }
}
