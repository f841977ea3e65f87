import Laboratory

extension DemoPicture {
    /// Why the last write was not acknowledged, in a few words.
    static func words(for outcome: WriteLog.Outcome?) -> String {
        switch outcome {
        case nil, .acknowledged?: "waiting for an answer"
        case .refused(let text)?: text
        case .failed(let failure)?: words(for: failure)
        }
    }

    private static func words(for failure: ConnectionFailure) -> String {
        switch failure {
        case .refused: "the connection is refused"
        case .timedOut: "no answer within the timeout"
        case .closed: "the connection was closed"
        case .unreachable: "nobody has the address"
        case .protocolViolation, .unexpectedReply: "the answer is not understood"
        case .notAuthenticated(let text): text
        case .interrupted: "the writer is stopped"
        }
    }
}
