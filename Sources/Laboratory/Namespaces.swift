import Glibc

/// The names under which `ip netns` knows namespaces, and the batches that fill them.
enum Namespaces {
    /// Where iproute2 keeps its named namespaces.
    static let directory = "/run/netns"

    /// The namespaces of one run that exist now.
    static func existing(of run: String) -> [String] {
        Files.names(in: directory).filter { $0.hasPrefix(prefix(of: run)) }
    }

    /// `baton-RUN-`; runs are `pid-number`, so no run's prefix begins another's.
    static func prefix(of run: String) -> String {
        "baton-\(run)-"
    }

    /// Removes the names. The kernel removes what is in them when the last process leaves.
    static func remove(_ names: [String]) {
        guard !names.isEmpty else { return }
        // Another run may be sweeping the same leftovers, so each name on its own.
        let batch = names.map { "netns delete \($0)\n" }.joined()
        try? ip(["-force"], batch: batch)
    }

    /// Feeds `batch` to one `ip` in the calling thread's namespace and waits for its end.
    static func ip(_ options: [String] = [], batch: String) throws(LaboratoryError) {
        try feed(batch, to: "ip", options + ["-batch", "-"])
    }

    /// Feeds a packet filter's rules to one `nft` likewise.
    static func nft(rules: String) throws(LaboratoryError) {
        try feed(rules, to: "nft", ["-f", "-"])
    }

    private static func feed(
        _ batch: String, to name: String, _ arguments: [String]
    ) throws(LaboratoryError) {
        guard let executable = Files.executable(name) else {
            throw .unavailable([.programMissing(name)])
        }
        let input = try Pipe()
        let output = try Pipe()
        defer { close(output.readEnd) }
        let started = Result { () throws(LaboratoryError) in
            try Spawn(
                executable: executable, arguments: arguments,
                standardInput: input.readEnd, standardOutput: output.writeEnd
            ).start()
        }
        close(input.readEnd)
        close(output.writeEnd)
        // A batch is a few hundred bytes: it fits the pipe, so this waits for nobody.
        try? Files.write(batch, to: input.writeEnd, path: name)
        close(input.writeEnd)
        let child = try started.get()
        let text = Files.readAll(output.readEnd)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else {
            throw .commandFailed(
                command: "\(name) \(arguments.joined(separator: " "))", output: text + batch)
        }
    }
}
