/// What one contestant did under one load, run by run.
struct Result {
    var requestsPerSecond: [Double] = []
    var p99: [Double] = []
    /// At half of the rate that the server reaches without a proxy.
    var pacedP99: [Double] = []
    /// Microseconds of a request.
    var userTime: [Double] = []
    var systemTime: [Double] = []
    var serverTime: [Double] = []
}

/// The middle one; of an even number the lower of the two.
func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    return values.sorted()[(values.count - 1) / 2]
}

/// Two decimals, without Foundation.
func text(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
}
