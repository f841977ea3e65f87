import ArgumentParser
import DirectiveFile

/// Which node a command speaks to.
struct NodeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The node to ask (default: 127.0.0.1:26379).", valueName: "host:port"))
    var address: String?

    @Option(
        help: ArgumentHelp(
            "Ask the node of this host, at the port that its configuration file gives.",
            valueName: "file"))
    var config: String?

    func validate() throws {
        if address != nil && config != nil {
            throw ValidationError("--address and --config exclude each other.")
        }
        if let address, NodeClient.Target(address) == nil {
            throw ValidationError(
                "'\(address)' is not HOST:PORT, such as 192.168.11.123:26379 or [fd00::1]:26379.")
        }
    }

    /// For the command of this name, which errors are to name.
    func client(of command: String) throws -> NodeClient {
        if let address, let target = NodeClient.Target(address) {
            return NodeClient(target: target)
        }
        guard let config else { return NodeClient(target: NodeClient.Target(host: "127.0.0.1")) }
        switch FileReading.bytes(at: config, byteCountMax: Limits().fileByteCountMax) {
        case .success(let bytes):
            return NodeClient(
                target: NodeTarget.target(
                    of: Document(reading: bytes), ownAddresses: LocalFacts.addresses()))
        case .failure(let failure):
            Terminal.errors.write("baton \(command): \(failure.sentence)\n")
            throw ExitCode(2)
        }
    }
}
