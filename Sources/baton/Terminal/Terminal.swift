import Glibc

/// Where the command's text goes, and what can be done there.
struct Terminal {
    let descriptor: Int32
    /// False for a file or a pipe.
    let isInteractive: Bool
    /// Only on a terminal that knows them, and not where the user says otherwise
    /// (https://no-color.org).
    let hasColours: Bool

    static let output = Terminal(descriptor: STDOUT_FILENO)
    static let errors = Terminal(descriptor: STDERR_FILENO)

    init(descriptor: Int32) {
        self.descriptor = descriptor
        isInteractive = isatty(descriptor) == 1
        hasColours = Self.hasColours(
            isInteractive: isInteractive, type: Self.environment("TERM"),
            noColour: Self.environment("NO_COLOR"))
    }

    /// The rule alone, for a test.
    static func hasColours(isInteractive: Bool, type: String?, noColour: String?) -> Bool {
        isInteractive && type != "dumb" && type?.isEmpty == false
            && (noColour ?? "").isEmpty
    }

    /// Columns and rows as they are now; `nil` where there is no terminal or it does not say.
    var size: (columns: Int, rows: Int)? {
        var size = winsize()
        guard isInteractive, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0,
            size.ws_row > 0
        else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Writes all of it. When nobody reads any more there is nobody to tell.
    func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func write(lines: [StyledText]) {
        write(lines.map { $0.rendered(colours: hasColours) + "\n" }.joined())
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
