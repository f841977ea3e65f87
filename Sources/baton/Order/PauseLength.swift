import ArgumentParser

/// How long a pause lasts, as an operator writes it: `90s`, `30m`, `2h`, `1d`.
struct PauseLength: ExpressibleByArgument, Equatable {
    /// As it was written.
    let text: String
    let milliseconds: Int

    /// As long as a node allows.
    static let secondsMax = 30 * 86_400

    init?(argument: String) {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let last = argument.last, let unit = units[last],
            let count = Int(argument.dropLast()), count > 0, count <= Self.secondsMax / unit
        else { return nil }
        text = argument
        milliseconds = count * unit * 1000
    }
}
