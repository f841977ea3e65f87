/// The operator's scripts of one group, as paths of executable files.
public struct GroupScripts: Equatable, Sendable {
    /// `sentinel notification-script`: called for every event of the warning level that is about
    /// the group, with the event's name and its message.
    public var notification: String?
    /// `sentinel client-reconfig-script`: called when the primary changed, with
    /// `<group> <leader|observer> start <from-ip> <from-port> <to-ip> <to-port>`.
    public var clientReconfiguration: String?

    public init(notification: String? = nil, clientReconfiguration: String? = nil) {
        self.notification = notification
        self.clientReconfiguration = clientReconfiguration
    }
}
