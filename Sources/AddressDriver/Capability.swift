internal import Glibc

/// A part of root's power that keeping an address needs.
public enum Capability: Int, CaseIterable, Sendable {
    /// Addresses, packet filter, resets.
    case networkAdministration = 12
    /// Announcements.
    case rawPackets = 13

    /// As capabilities(7) and systemd spell it.
    public var name: String {
        switch self {
        case .networkAdministration: "CAP_NET_ADMIN"
        case .rawPackets: "CAP_NET_RAW"
        }
    }

    /// To be called at start: names what is missing and the two ways to give it.
    public static func check() -> Result<Void, AddressFailure> {
        missing().flatMap { missing in
            failure(missing: missing).map { .failure($0) } ?? .success(())
        }
    }

    /// The capabilities that this thread does not have, in order.
    public static func missing() -> Result<[Capability], AddressFailure> {
        guard let status = readStatus(), let effective = effectiveBits(status: status) else {
            return .failure(
                AddressFailure(
                    what: "cannot tell which capabilities Baton has",
                    reason: "no CapEff in \(statusPath)", source: .kernel, advice: "mount /proc"))
        }
        return .success(missing(among: effective))
    }

    static func missing(among effective: UInt64) -> [Capability] {
        allCases.filter { effective & 1 << UInt64($0.rawValue) == 0 }
    }

    static func failure(missing: [Capability]) -> AddressFailure? {
        if missing.isEmpty { return nil }
        return AddressFailure(
            what: "cannot keep an address that moves between hosts",
            reason: "missing " + missing.map(\.name).joined(separator: " and "),
            source: .privileges, advice: advice, errno: EPERM)
    }

    /// The two ways, in words.
    static let advice = """
        run baton as root, or give it both capabilities: \
        AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW in its systemd unit, \
        or setcap cap_net_admin,cap_net_raw+ep on the program's file
        """

    /// The bits of the line "CapEff:" of proc(5)'s status file; `nil` when there is none.
    static func effectiveBits(status: String) -> UInt64? {
        let label = "CapEff:"
        for line in status.split(separator: "\n") where line.hasPrefix(label) {
            let digits = line.dropFirst(label.count).drop { $0 == "\t" || $0 == " " }
            return UInt64(digits, radix: 16)
        }
        return nil
    }

    /// The thread's, not the process's: they may differ, and it is a thread that is refused.
    private static let statusPath = "/proc/thread-self/status"
    /// The file is about 1.5 KB.
    private static let statusLengthMax = 16_384

    private static func readStatus() -> String? {
        let number = open(statusPath, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return nil }
        defer { _ = close(number) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while text.count < statusLengthMax {
            let count = read(number, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            text += buffer.prefix(count)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
