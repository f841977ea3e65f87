extension CommandTable {
    /// The commands about connections.
    static let connectionRows: [CommandEntry] = [
        CommandEntry(
            "auth", arity: -2,
            flags: "noscript loading stale fast no_auth allow_busy",
            categories: "fast connection",
            group: "connection", since: "1.0.0", complexity: "O(N)",
            summary: "Authenticates the connection.",
            changes: [
                CommandEntry.Change("6.0.0", "Users with names.")
            ],
            arguments: "username:string@6.0.0? password:string"),
        CommandEntry(
            "client", arity: -2,
            flags: "",
            categories: "slow",
            group: "connection", since: "2.4.0", complexity: "By subcommand.",
            summary: "Commands about connections."),
        CommandEntry(
            "client|caching", arity: 3,
            flags: "noscript loading stale",
            categories: "slow connection",
            group: "connection", since: "6.0.0", complexity: "O(1)",
            summary: "Says whether the keys of the next command are tracked.",
            arguments: "mode:oneof(yes:pure-token=YES no:pure-token=NO)"),
        CommandEntry(
            "client|getname", arity: 2,
            flags: "noscript loading stale",
            categories: "slow connection",
            group: "connection", since: "2.6.9", complexity: "O(1)",
            summary: "Tells the name of this connection."),
        CommandEntry(
            "client|getredir", arity: 2,
            flags: "noscript loading stale",
            categories: "slow connection",
            group: "connection", since: "6.0.0", complexity: "O(1)",
            summary: "Tells to which connection invalidations go."),
        CommandEntry(
            "client|help", arity: 2,
            flags: "loading stale",
            categories: "slow connection",
            group: "connection", since: "5.0.0", complexity: "O(1)",
            summary: "Lists the subcommands of CLIENT."),
        CommandEntry(
            "client|id", arity: 2,
            flags: "noscript loading stale",
            categories: "slow connection",
            group: "connection", since: "5.0.0", complexity: "O(1)",
            summary: "Tells the number of this connection."),
        CommandEntry(
            "client|info", arity: 2,
            flags: "noscript loading stale",
            categories: "slow connection",
            tips: "nondeterministic_output",
            group: "connection", since: "6.2.0", complexity: "O(1)",
            summary: "Describes this connection."),
        CommandEntry(
            "client|kill", arity: -3,
            flags: "admin noscript loading stale",
            categories: "admin slow dangerous connection",
            group: "connection", since: "2.4.0", complexity: "O(N)",
            summary: "Closes connections.",
            changes: [
                CommandEntry.Change("2.8.12", "Filters."),
                CommandEntry.Change("2.8.12", "Filter `ID`."),
                CommandEntry.Change("3.2.0", "Type `master`."),
                CommandEntry.Change("5.0.0", "Type `replica`, which `slave` still means too."),
                CommandEntry.Change("6.2.0", "Filter `LADDR`."),
            ],
            arguments: "filter:oneof(old-format:string~ip:port!2.8.12 "
                + "new-format:oneof*(client-id:integer=ID@2.8.12? "
                + "client-type:oneof=TYPE@2.8.12?(normal:pure-token=NORMAL "
                + "master:pure-token=MASTER@3.2.0 slave:pure-token=SLAVE "
                + "replica:pure-token=REPLICA@5.0.0 pubsub:pure-token=PUBSUB) "
                + "username:string=USER? addr:string~ip:port=ADDR? "
                + "laddr:string~ip:port=LADDR@6.2.0? "
                + "skipme:oneof=SKIPME?(yes:pure-token=YES no:pure-token=NO)))"),
        CommandEntry(
            "client|list", arity: -2,
            flags: "admin noscript loading stale",
            categories: "admin slow dangerous connection",
            tips: "nondeterministic_output",
            group: "connection", since: "2.4.0", complexity: "O(N)",
            summary: "Lists the connections.",
            changes: [
                CommandEntry.Change("2.8.12", "Field `id`."),
                CommandEntry.Change("5.0.0", "Filter `TYPE`."),
                CommandEntry.Change("6.0.0", "Field `user`."),
                CommandEntry.Change(
                    "6.2.0", "Fields `argv-mem`, `tot-mem`, `laddr`, `redir`; filter `ID`."),
                CommandEntry.Change("7.0.0", "Fields `resp`, `multi-mem`, `rbs`, `rbp`."),
                CommandEntry.Change("7.0.3", "Field `ssub`."),
            ],
            arguments: "client-type:oneof=TYPE@5.0.0?(normal:pure-token=NORMAL "
                + "master:pure-token=MASTER replica:pure-token=REPLICA "
                + "pubsub:pure-token=PUBSUB) client-id:integer=ID@6.2.0?*"),
        CommandEntry(
            "client|no-evict", arity: 3,
            flags: "admin noscript loading stale",
            categories: "admin slow dangerous connection",
            group: "connection", since: "7.0.0", complexity: "O(1)",
            summary: "Exempts this connection from being closed for its memory.",
            arguments: "enabled:oneof(on:pure-token=ON off:pure-token=OFF)"),
        CommandEntry(
            "client|pause", arity: -3,
            flags: "admin noscript loading stale",
            categories: "admin slow dangerous connection",
            group: "connection", since: "3.0.0", complexity: "O(1)",
            summary: "Holds the commands of all clients for a time.",
            changes: [
                CommandEntry.Change("6.2.0", "Modes `WRITE` and `ALL`.")
            ],
            arguments: "timeout:integer mode:oneof@6.2.0?(write:pure-token=WRITE "
                + "all:pure-token=ALL)"),
        CommandEntry(
            "client|reply", arity: 3,
            flags: "noscript loading stale",
            categories: "slow connection",
            group: "connection", since: "3.2.0", complexity: "O(1)",
            summary: "Says whether commands of this connection are answered.",
            arguments: "action:oneof(on:pure-token=ON off:pure-token=OFF "
                + "skip:pure-token=SKIP)"),
        CommandEntry(
            "client|setinfo", arity: 4,
            flags: "noscript loading stale",
            categories: "slow connection",
            tips: "request_policy:all_nodes response_policy:all_succeeded",
            group: "connection", since: "7.2.0", complexity: "O(1)",
            summary: "Tells which library the client is, and its version.",
            arguments: "attr:oneof(libname:string=LIB-NAME libver:string=LIB-VER)"),
        CommandEntry(
            "client|setname", arity: 3,
            flags: "noscript loading stale",
            categories: "slow connection",
            tips: "request_policy:all_nodes response_policy:all_succeeded",
            group: "connection", since: "2.6.9", complexity: "O(1)",
            summary: "Names this connection.",
            arguments: "connection-name:string"),
        CommandEntry(
            "client|tracking", arity: -3,
            flags: "noscript loading stale",
            categories: "slow connection",
            group: "connection", since: "6.0.0", complexity: "O(1)",
            summary: "Begins or ends the tracking of keys for this connection.",
            arguments: "status:oneof(on:pure-token=ON off:pure-token=OFF) "
                + "client-id:integer=REDIRECT? prefix:string=PREFIX?*# "
                + "bcast:pure-token=BCAST? optin:pure-token=OPTIN? "
                + "optout:pure-token=OPTOUT? noloop:pure-token=NOLOOP?"),
        CommandEntry(
            "client|trackinginfo", arity: 2,
            flags: "noscript loading stale",
            categories: "slow connection",
            group: "connection", since: "6.2.0", complexity: "O(1)",
            summary: "Tells how this connection tracks keys."),
        CommandEntry(
            "client|unblock", arity: -3,
            flags: "admin noscript loading stale",
            categories: "admin slow dangerous connection",
            group: "connection", since: "5.0.0", complexity: "O(log N)",
            summary: "Ends the wait of another connection.",
            arguments: "client-id:integer unblock-type:oneof?(timeout:pure-token=TIMEOUT "
                + "error:pure-token=ERROR)"),
        CommandEntry(
            "client|unpause", arity: 2,
            flags: "admin noscript loading stale",
            categories: "admin slow dangerous connection",
            group: "connection", since: "6.2.0", complexity: "O(N)",
            summary: "Ends a pause."),
        CommandEntry(
            "hello", arity: -1,
            flags: "noscript loading stale fast no_auth allow_busy",
            categories: "fast connection",
            group: "connection", since: "6.0.0", complexity: "O(1)",
            summary: "Agrees on the protocol, and may authenticate and name the "
                + "connection.",
            changes: [
                CommandEntry.Change("6.2.0", "Without a version: only the answer.")
            ],
            arguments: "arguments:block?(protover:integer "
                + "auth:block=AUTH?(username:string password:string) "
                + "clientname:string=SETNAME?)"),
        CommandEntry(
            "ping", arity: -1,
            flags: "fast",
            categories: "fast connection",
            tips: "request_policy:all_shards response_policy:all_succeeded",
            group: "connection", since: "1.0.0", complexity: "O(1)",
            summary: "Answers, to show that it lives.",
            arguments: "message:string?"),
    ]
}
