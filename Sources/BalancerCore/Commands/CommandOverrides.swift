/// What a server's flags do not tell: the short list that stands before whatever it says.
///
/// Checked against redis-server 7.0.15, whose `COMMAND` shows neither which commands change the
/// state of a connection nor (`may_replicate`) which write although they are not flagged so.
enum CommandOverrides {
    /// Names in lower case; `name|argument` where the argument after the name decides.
    static let classes: [(name: String, class: CommandClass)] = [
        // The state of a connection, which here is the state of a client.
        ("auth", .auth), ("hello", .hello), ("select", .select), ("reset", .reset),
        ("quit", .quit),
        ("client", .container),
        ("client|id", .clientID), ("client|getname", .clientGetName),
        ("client|setname", .clientSetName), ("client|setinfo", .clientSetInfo),
        ("client|maint_notifications", .clientMaintenance),
        ("client|list", .blocking), ("client|info", .blocking), ("client|kill", .blocking),
        ("client|pause", .rescue), ("client|unpause", .rescue), ("client|unblock", .rescue),
        ("script", .container), ("script|kill", .rescue),
        ("function", .container), ("function|kill", .rescue),
        ("client|help", .other),
        ("readonly", .cluster), ("readwrite", .cluster), ("asking", .cluster),

        // What needs a connection of its own.
        ("multi", .multi), ("exec", .transactionEnd), ("discard", .transactionEnd),
        ("watch", .watch), ("unwatch", .unwatch),
        ("subscribe", .exclusive), ("psubscribe", .exclusive), ("ssubscribe", .exclusive),
        ("unsubscribe", .exclusive), ("punsubscribe", .exclusive), ("sunsubscribe", .exclusive),
        ("monitor", .exclusive),
        // Not flagged as blocking before Redis 7.2.
        ("wait", .wait), ("waitaof", .wait),
        // Blocks with BLOCK, which can stand only before STREAMS.
        ("xread", .container), ("xread|streams", .read),

        // Not flagged as writes, but what they do may be one.
        ("eval", .write), ("evalsha", .write), ("fcall", .write), ("publish", .write),
        ("spublish", .write),
        ("scan", .cursor), ("sscan", .cursor), ("hscan", .cursor), ("zscan", .cursor),

        // Not flagged as reads, but as good from any server.
        ("ping", .read), ("echo", .read), ("time", .read), ("info", .portrait),
        ("role", .portrait),
        ("command", .read), ("lolwut", .read),

        // For a server's manager and its replicas.
        ("sync", .denied), ("psync", .denied), ("replconf", .denied), ("replicaof", .denied),
        ("slaveof", .denied), ("failover", .denied), ("shutdown", .denied), ("debug", .denied),
        ("migrate", .denied), ("restore-asking", .denied),

        ("post", .http), ("host:", .http),
    ]

    /// What a command of a container is whose argument is not in the table.
    static func fallback(ofContainer name: some Sequence<UInt8>) -> CommandClass {
        if name.elementsEqual("client".utf8) { return .exclusive }
        if name.elementsEqual("xread".utf8) { return .blocking }
        return .other
    }
}
