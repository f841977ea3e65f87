import Glibc
import Netlink
import Testing

@testable import AddressDriver

@Suite("What went wrong with an address, for the person who must see to it")
struct AddressFailureTests {
    private func failure(_ errno: Int32, interface: String? = "eth0") -> AddressFailure {
        AddressFailure(
            "cannot add 10.18.14.94/32 to eth0",
            because: .refused(operation: "add", errno: errno, explanation: ""),
            interface: interface)
    }

    @Test("each of the kernel's refusals has a culprit and a way out")
    func sources() {
        #expect(failure(EPERM).source == .privileges)
        #expect(failure(EPERM).advice.contains("AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW"))
        #expect(failure(ENETDOWN).source == .interface)
        #expect(failure(ENODEV).advice == "eth0 is gone: see who removed it")
        #expect(failure(EEXIST, interface: nil).source == .configuration)
        #expect(failure(EINVAL).source == .kernel)
        #expect(failure(EINVAL).errno == EINVAL)
    }

    @Test("a kernel without what is needed is named as such")
    func unsupported() {
        let failure = AddressFailure(
            "cannot reset the connections to 10.18.14.94",
            because: .unsupported(
                operation: "reset", errno: EOPNOTSUPP, need: "CONFIG_INET_DIAG_DESTROY"))
        #expect(failure.source == .kernel)
        #expect(
            failure.advice
                == "use a kernel with CONFIG_INET_DIAG_DESTROY, or load its modules")
        let filter = AddressFailure(
            "cannot guard the write addresses",
            because: .unsupported(
                operation: "install", errno: EOPNOTSUPP, need: "CONFIG_NF_TABLES_INET"))
        #expect(filter.advice.hasSuffix("; or write `baton enforcement address-lifetime`"))
    }

    @Test("one line says what, why and what to do")
    func line() {
        #expect(
            failure(ENETDOWN).description == """
                cannot add 10.18.14.94/32 to eth0: add: Network is down; \
                switch it on: ip link set eth0 up
                """)
    }
}
