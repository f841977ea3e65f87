extension CommandTable {
    /// The commands about the process.
    static let serverRows: [CommandEntry] = [
        CommandEntry(
            "acl", arity: -2,
            flags: "",
            categories: "slow",
            group: "server", since: "6.0.0", complexity: "By subcommand.",
            summary: "Commands about users and what they may do."),
        CommandEntry(
            "acl|cat", arity: -2,
            flags: "noscript loading stale",
            categories: "slow",
            group: "server", since: "6.0.0", complexity: "O(1)",
            summary: "Names the categories, or the commands in one.",
            arguments: "category:string?"),
        CommandEntry(
            "acl|deluser", arity: -3,
            flags: "admin noscript loading stale",
            categories: "admin slow dangerous",
            tips: "request_policy:all_nodes response_policy:all_succeeded",
            group: "server", since: "6.0.0", complexity: "O(1)",
            summary: "Removes users and closes their connections.",
            arguments: "username:string*"),
        CommandEntry(
            "acl|dryrun", arity: -4,
            flags: "admin noscript loading stale",
            categories: "admin slow dangerous",
            group: "server", since: "7.0.0", complexity: "O(1)",
            summary: "Tells whether a user may run a command, and does not run it.",
            arguments: "username:string command:string arg:string?*"),
        CommandEntry(
            "acl|genpass", arity: -2,
            flags: "noscript loading stale",
            categories: "slow",
            group: "server", since: "6.0.0", complexity: "O(1)",
            summary: "Draws a password that cannot be guessed.",
            arguments: "bits:integer?"),
        CommandEntry(
            "acl|getuser", arity: 3,
            flags: "admin noscript loading stale",
            categories: "admin slow dangerous",
            group: "server", since: "6.0.0", complexity: "O(N)",
            summary: "Shows the rules of one user.",
            changes: [
                CommandEntry.Change("6.2.0", "Patterns of channels."),
                CommandEntry.Change("7.0.0", "Selectors; patterns as their rules."),
            ],
            arguments: "username:string"),
        CommandEntry(
            "acl|help", arity: 2,
            flags: "loading stale",
            categories: "slow",
            group: "server", since: "6.0.0", complexity: "O(1)",
            summary: "Lists the subcommands of ACL."),
        CommandEntry(
            "acl|list", arity: 2,
            flags: "admin noscript loading stale",
            categories: "admin slow dangerous",
            group: "server", since: "6.0.0", complexity: "O(N)",
            summary: "Shows the rules of all users, as a file has them."),
        CommandEntry(
            "acl|load", arity: 2,
            flags: "admin noscript loading stale",
            categories: "admin slow dangerous",
            group: "server", since: "6.0.0", complexity: "O(N)",
            summary: "Reads the users from their file again."),
        CommandEntry(
            "acl|log", arity: -2,
            flags: "admin noscript loading stale",
            categories: "admin slow dangerous",
            group: "server", since: "6.0.0", complexity: "O(N)",
            summary: "Shows what was denied lately, and to whom.",
            changes: [
                CommandEntry.Change("7.2.0", "Number and times of an entry.")
            ],
            arguments: "operation:oneof?(count:integer reset:pure-token=RESET)"),
        CommandEntry(
            "acl|save", arity: 2,
            flags: "admin noscript loading stale",
            categories: "admin slow dangerous",
            tips: "request_policy:all_nodes response_policy:all_succeeded",
            group: "server", since: "6.0.0", complexity: "O(N)",
            summary: "Writes the users into their file."),
        CommandEntry(
            "acl|setuser", arity: -3,
            flags: "admin noscript loading stale",
            categories: "admin slow dangerous",
            tips: "request_policy:all_nodes response_policy:all_succeeded",
            group: "server", since: "6.0.0", complexity: "O(N)",
            summary: "Makes a user, or changes what it may do.",
            changes: [
                CommandEntry.Change("6.2.0", "Patterns of channels."),
                CommandEntry.Change("7.0.0", "Selectors; keys to read or to write only."),
            ],
            arguments: "username:string rule:string?*"),
        CommandEntry(
            "acl|users", arity: 2,
            flags: "admin noscript loading stale",
            categories: "admin slow dangerous",
            group: "server", since: "6.0.0", complexity: "O(N)",
            summary: "Names the users."),
        CommandEntry(
            "acl|whoami", arity: 2,
            flags: "noscript loading stale",
            categories: "slow",
            group: "server", since: "6.0.0", complexity: "O(1)",
            summary: "Names the user of this connection."),
        CommandEntry(
            "command", arity: -1,
            flags: "loading stale",
            categories: "slow connection",
            tips: "nondeterministic_output_order",
            group: "server", since: "2.8.13", complexity: "O(N)",
            summary: "Tells all that is known of every command."),
        CommandEntry(
            "command|count", arity: 2,
            flags: "loading stale",
            categories: "slow connection",
            group: "server", since: "2.8.13", complexity: "O(1)",
            summary: "Counts the commands."),
        CommandEntry(
            "command|docs", arity: -2,
            flags: "loading stale",
            categories: "slow connection",
            tips: "nondeterministic_output_order",
            group: "server", since: "7.0.0", complexity: "O(N)",
            summary: "Tells what commands are for, since when, and with which arguments.",
            arguments: "command-name:string?*"),
        CommandEntry(
            "command|getkeys", arity: -3,
            flags: "loading stale",
            categories: "slow connection",
            group: "server", since: "2.8.13", complexity: "O(N)",
            summary: "Finds the keys among the arguments of a command.",
            arguments: "command:string arg:string?*"),
        CommandEntry(
            "command|getkeysandflags", arity: -3,
            flags: "loading stale",
            categories: "slow connection",
            group: "server", since: "7.0.0", complexity: "O(N)",
            summary: "Finds the keys among the arguments of a command, and what is "
                + "done with them.",
            arguments: "command:string arg:string?*"),
        CommandEntry(
            "command|help", arity: 2,
            flags: "loading stale",
            categories: "slow connection",
            group: "server", since: "5.0.0", complexity: "O(1)",
            summary: "Lists the subcommands of COMMAND."),
        CommandEntry(
            "command|info", arity: -2,
            flags: "loading stale",
            categories: "slow connection",
            tips: "nondeterministic_output_order",
            group: "server", since: "2.8.13", complexity: "O(N)",
            summary: "Tells what is known of the commands that are named.",
            changes: [
                CommandEntry.Change("7.0.0", "Without a name: all commands.")
            ],
            arguments: "command-name:string?*"),
        CommandEntry(
            "command|list", arity: -2,
            flags: "loading stale",
            categories: "slow connection",
            tips: "nondeterministic_output_order",
            group: "server", since: "7.0.0", complexity: "O(N)",
            summary: "Names the commands, all or those that a filter takes.",
            arguments: "filterby:oneof=FILTERBY?(module-name:string=MODULE "
                + "category:string=ACLCAT pattern:pattern=PATTERN)"),
        CommandEntry(
            "info", arity: -1,
            flags: "loading stale",
            categories: "slow dangerous",
            tips: "nondeterministic_output request_policy:all_shards "
                + "response_policy:special",
            group: "server", since: "1.0.0", complexity: "O(1)",
            summary: "Describes the process and what it watches.",
            changes: [
                CommandEntry.Change("7.0.0", "Several sections.")
            ],
            arguments: "section:string?*"),
        CommandEntry(
            "role", arity: 1,
            flags: "noscript loading stale fast",
            categories: "admin fast dangerous",
            group: "server", since: "2.8.12", complexity: "O(1)",
            summary: "Says that this is a Sentinel, and which groups it watches."),
        CommandEntry(
            "shutdown", arity: -1,
            flags: "admin noscript loading stale no_multi allow_busy",
            categories: "admin slow dangerous",
            group: "server", since: "1.0.0", complexity: "O(N)",
            summary: "Ends the process.",
            changes: [
                CommandEntry.Change("7.0.0", "`NOW`, `FORCE` and `ABORT`.")
            ],
            arguments: "save-selector:oneof?(nosave:pure-token=NOSAVE "
                + "save:pure-token=SAVE) now:pure-token=NOW@7.0.0? "
                + "force:pure-token=FORCE@7.0.0? abort:pure-token=ABORT@7.0.0?"),
    ]
}
