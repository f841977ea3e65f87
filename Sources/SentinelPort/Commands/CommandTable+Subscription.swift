extension CommandTable {
    /// The commands about channels.
    static let subscriptionRows: [CommandEntry] = [
        CommandEntry(
            "psubscribe", arity: -2,
            flags: "pubsub noscript loading stale",
            categories: "pubsub slow",
            group: "pubsub", since: "2.0.0", complexity: "O(N)",
            summary: "Subscribes to all channels that patterns match.",
            arguments: "pattern:pattern*"),
        CommandEntry(
            "publish", arity: 3,
            flags: "pubsub loading stale fast",
            categories: "pubsub fast",
            group: "pubsub", since: "2.0.0", complexity: "O(N+M)",
            summary: "Gives a Sentinel the hello of another.",
            arguments: "channel:string message:string"),
        CommandEntry(
            "punsubscribe", arity: -1,
            flags: "pubsub noscript loading stale",
            categories: "pubsub slow",
            group: "pubsub", since: "2.0.0", complexity: "O(N)",
            summary: "Ends subscriptions to patterns.",
            arguments: "pattern:pattern?*"),
        CommandEntry(
            "subscribe", arity: -2,
            flags: "pubsub noscript loading stale",
            categories: "pubsub slow",
            group: "pubsub", since: "2.0.0", complexity: "O(N)",
            summary: "Subscribes to channels.",
            arguments: "channel:string*"),
        CommandEntry(
            "unsubscribe", arity: -1,
            flags: "pubsub noscript loading stale",
            categories: "pubsub slow",
            group: "pubsub", since: "2.0.0", complexity: "O(N)",
            summary: "Ends subscriptions to channels.",
            arguments: "channel:string?*"),
    ]
}
