import Addressing
import MonotonicTime
import Netlink

@testable import AddressDriver

extension AddressKeeper {
    /// Takes an address with a lease that outlasts the test, guarding it first.
    func take(_ prefix: Prefix, on interface: String) -> Result<AddressTaking, AddressFailure> {
        guardAddresses([(prefix, interface)], trusted: []).flatMap {
            take(prefix, on: interface, until: BootTime.now() + .seconds(3600))
        }
    }
}
