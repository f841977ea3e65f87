extension CommandTable {
    /// The commands about the Sentinel itself.
    static let sentinelRows: [CommandEntry] = [
        CommandEntry(
            "sentinel", arity: -2,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "2.8.4", complexity: "By subcommand.",
            summary: "Commands of a Sentinel."),
        CommandEntry(
            "sentinel|ckquorum", arity: 3,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "2.8.4",
            summary: "Tells whether the quorum and a majority can be reached.",
            arguments: "master-name:string"),
        CommandEntry(
            "sentinel|config", arity: -4,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "6.2.0", complexity: "O(N)",
            summary: "Shows or sets what concerns the Sentinel itself.",
            changes: [
                CommandEntry.Change("7.2.0", "Several parameters at once.")
            ],
            arguments: "action:oneof(set:block=SET*(parameter:string value:string) "
                + "parameter:string=GET*)"),
        CommandEntry(
            "sentinel|debug", arity: -2,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "7.0.0", complexity: "O(N)",
            summary: "Shows or sets the periods by which a Sentinel works.",
            arguments: "data:block?*(parameter:string value:string)"),
        CommandEntry(
            "sentinel|failover", arity: 3,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "2.8.4",
            summary: "Fails a group over without asking the other Sentinels.",
            arguments: "master-name:string"),
        CommandEntry(
            "sentinel|flushconfig", arity: 2,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "2.8.4", complexity: "O(1)",
            summary: "Writes the configuration file anew."),
        CommandEntry(
            "sentinel|get-master-addr-by-name", arity: 3,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "2.8.4", complexity: "O(1)",
            summary: "Tells where the primary of a group is.",
            arguments: "master-name:string"),
        CommandEntry(
            "sentinel|help", arity: 2,
            flags: "loading stale",
            categories: "slow",
            group: "sentinel", since: "6.2.0", complexity: "O(1)",
            summary: "Lists the subcommands of SENTINEL."),
        CommandEntry(
            "sentinel|info-cache", arity: -3,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "3.2.0", complexity: "O(N)",
            summary: "Shows the last INFO of each server.",
            arguments: "nodename:string*"),
        CommandEntry(
            "sentinel|is-master-down-by-addr", arity: 6,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "2.8.4", complexity: "O(1)",
            summary: "Tells whether a primary is down here, and may ask for a vote.",
            arguments: "ip:string port:integer current-epoch:integer runid:string"),
        CommandEntry(
            "sentinel|master", arity: 3,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "2.8.4", complexity: "O(1)",
            summary: "Shows one group with its state.",
            arguments: "master-name:string"),
        CommandEntry(
            "sentinel|masters", arity: 2,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "2.8.4", complexity: "O(N)",
            summary: "Lists the groups with their state."),
        CommandEntry(
            "sentinel|monitor", arity: 6,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "2.8.4", complexity: "O(1)",
            summary: "Begins the watch over a group.",
            arguments: "name:string ip:string port:integer quorum:integer"),
        CommandEntry(
            "sentinel|myid", arity: 2,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "6.2.0", complexity: "O(1)",
            summary: "Tells the identity of this Sentinel."),
        CommandEntry(
            "sentinel|pending-scripts", arity: 2,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "2.8.4",
            summary: "Lists the scripts that run or wait."),
        CommandEntry(
            "sentinel|remove", arity: 3,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "2.8.4", complexity: "O(1)",
            summary: "Ends the watch over a group.",
            arguments: "master-name:string"),
        CommandEntry(
            "sentinel|replicas", arity: 3,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "5.0.0", complexity: "O(N)",
            summary: "Lists the replicas of a group.",
            arguments: "master-name:string"),
        CommandEntry(
            "sentinel|reset", arity: 3,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "2.8.4", complexity: "O(N)",
            summary: "Forgets what is known of the groups that a pattern matches.",
            arguments: "pattern:pattern"),
        CommandEntry(
            "sentinel|sentinels", arity: 3,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "2.8.4", complexity: "O(N)",
            summary: "Lists the other Sentinels of a group.",
            arguments: "master-name:string"),
        CommandEntry(
            "sentinel|set", arity: -5,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "2.8.4", complexity: "O(1)",
            summary: "Changes the settings of a group.",
            arguments: "master-name:string data:block*(option:string value:string)"),
        CommandEntry(
            "sentinel|simulate-failure", arity: -3,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "3.2.0",
            summary: "Has this Sentinel end itself at a chosen step of a failover.",
            arguments: "mode:oneof?*(crash-after-election:pure-token "
                + "crash-after-promotion:pure-token help:pure-token)"),
        CommandEntry(
            "sentinel|slaves", arity: 3,
            flags: "admin",
            categories: "admin slow dangerous",
            group: "sentinel", since: "2.8.0", complexity: "O(N)",
            deprecated: CommandEntry.Deprecation(
                since: "5.0.0", replacement: "SENTINEL REPLICAS"),
            summary: "Lists the replicas of a group.",
            arguments: "master-name:string"),
    ]
}
