import Addressing
import Configuration
import DirectiveFile
import Glibc
import Netlink
import TransportSecurity

/// Gathers the facts of this machine that a configuration is checked against.
enum LocalFacts {
    /// Facts of all interfaces, and of the files that `document` names.
    static func gather(for document: Document) -> HostFacts {
        var files: [String: HostFacts.File] = [:]
        for path in ConfigurationReader.filesNamed(in: document) { files[path] = file(at: path) }
        return HostFacts(
            interfaces: interfaces(), files: files, hasPacketFilter: LeaseFilter.isSupported(),
            hasTLS: TLSSupport.isBuilt)
    }

    /// Every interface that is there with its addresses, in the kernel's order.
    static func interfaces() -> [HostFacts.Interface] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var interfaces: [HostFacts.Interface] = []
        for entry in sequence(first: first, next: { $0?.pointee.ifa_next }) {
            guard let entry = entry?.pointee else { break }
            let name = String(cString: entry.ifa_name)
            let index =
                interfaces.firstIndex { $0.name == name }
                ?? {
                    interfaces.append(HostFacts.Interface(name: name, addresses: []))
                    return interfaces.count - 1
                }()
            if let address = octets(entry.ifa_addr), let mask = octets(entry.ifa_netmask),
                let prefix = prefix(address, mask)
            {
                interfaces[index].addresses.append(prefix)
            }
        }
        return interfaces
    }

    /// The addresses of all interfaces.
    static func addresses() -> [IPAddress] {
        interfaces().flatMap { $0.addresses.map(\.address) }
    }

    /// What is found at a path, for the user that this process runs as.
    static func file(at path: String) -> HostFacts.File {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return errno == EACCES ? .unreadable : .missing
        }
        guard status.st_mode & S_IFMT != S_IFDIR else { return .directory }
        guard access(path, R_OK) == 0 else { return .unreadable }
        return .present(
            isExecutable: access(path, X_OK) == 0,
            isOpenToAll: status.st_mode & S_IROTH != 0,
            isEmpty: isBlank(path))
    }

    /// Whether the beginning of a file, and a secret is no longer, holds nothing but white space.
    private static func isBlank(_ path: String) -> Bool {
        guard case .success(let bytes) = FileReading.bytes(at: path, byteCountMax: 4096) else {
            return false
        }
        return bytes.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
    }

    /// The octets of an address of either family.
    private static func octets(_ address: UnsafeMutablePointer<sockaddr>?) -> [UInt8]? {
        guard let address else { return nil }
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let inner = raw.loadUnaligned(as: sockaddr_in.self).sin_addr
            return withUnsafeBytes(of: inner) { Array($0) }
        case AF_INET6:
            let inner = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            return withUnsafeBytes(of: inner) { Array($0) }
        default:
            return nil
        }
    }

    private static func prefix(_ octets: [UInt8], _ mask: [UInt8]) -> Prefix? {
        let length = mask.reduce(0) { $0 + $1.nonzeroBitCount }
        let text: String
        if octets.count == 4 {
            text = octets.map { String($0) }.joined(separator: ".")
        } else {
            text = stride(from: 0, to: 16, by: 2).map {
                String(UInt16(octets[$0]) << 8 | UInt16(octets[$0 + 1]), radix: 16)
            }.joined(separator: ":")
        }
        return IPAddress(text).flatMap { Prefix(address: $0, length: length) }
    }
}
