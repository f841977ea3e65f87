/// Every error reply of the balancer's own, as it goes out. All else that a client reads is a
/// server's word.
///
/// Codes begin with `BATON_`, so that a client can tell them from a server's.
enum Refusal {
    /// The connection ended after the request was sent and before its reply was whole, and it is
    /// not one that may be sent twice.
    static let unsure =
        "-BATON_UNSURE the server's connection ended before it answered: the command may have run"
        + "\r\n"

    /// It was never sent, or surely never ran.
    static let unserved =
        "-BATON_UNSERVED no server could be reached in time: the command has not run\r\n"

    static let denied =
        "-BATON_DENIED this command is for one server alone: send it to the server itself\r\n"

    static let crowded =
        "-BATON_CROWDED too many clients need a connection of their own: the command has not run"
        + "\r\n"

    // Redis's own texts.
    static let aborted =
        "-EXECABORT Transaction discarded because of previous errors.\r\n"
    static let nested = "-ERR MULTI calls can not be nested\r\n"
    static let watchInside = "-ERR WATCH inside MULTI is not allowed\r\n"
    static let tooManyClients = "-ERR max number of clients reached\r\n"
    static let noCluster = "-ERR This instance has cluster support disabled\r\n"
    static let noProtocol = "-NOPROTO unsupported protocol version\r\n"
    static let badProtocol = "-ERR Protocol version is not an integer or out of range\r\n"
    static let badInteger = "-ERR value is not an integer or out of range\r\n"
    static let badIndex = "-ERR DB index is out of range\r\n"
    static let syntax = "-ERR syntax error\r\n"
    static let badName =
        "-ERR Client names cannot contain spaces, newlines or special characters.\r\n"
    static let badInfo =
        "-ERR lib-name cannot contain spaces, newlines or special characters.\r\n"
    static let noPush =
        "-ERR MAINT_NOTIFICATIONS needs RESP3: say HELLO 3 first\r\n"

    static func arity(_ command: String) -> String {
        "-ERR wrong number of arguments for '\(command)' command\r\n"
    }
}
