import Glibc
import Laboratory

/// What every measuring program begins with: its figures alone go to standard output, all else to
/// standard error; Ctrl-C leaves nothing behind.
public struct Workbench: Sendable {
    private let program: String

    /// Ends the program with 2 where no namespaces can be made, and says why.
    public init(_ program: String) {
        self.program = program
        Laboratory.closeAllOnSignals()
        let obstacles = Laboratory.availability.namespaceObstacles
        guard obstacles.isEmpty else {
            refuse(obstacles.map(\.description).joined(separator: "; "))
        }
    }

    /// Progress and failures.
    public func say(_ text: String) {
        let line = Array((text + "\n").utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }

    /// What the environment says under this name; `nil` for nothing, since make passes on names
    /// without a value.
    public func word(_ name: String) -> String? {
        guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else {
            return nil
        }
        return value
    }

    /// A number of the environment; ends the program with 2 when it is none, or below `least`.
    public func number(_ name: String, default standard: Int, least: Int = 1) -> Int {
        guard let value = word(name) else { return standard }
        guard let number = Int(value), number >= least else {
            refuse("\(name) must be a number, \(least) or more, not \(value)")
        }
        return number
    }

    /// Somebody asked for what can't be measured.
    public func refuse(_ why: String) -> Never {
        say("\(program): \(why)")
        exit(2)
    }
}
