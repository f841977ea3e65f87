import Addressing
import Configuration
import DirectiveFile

/// A configuration file that was read on this host and found sound.
struct CheckedFile {
    var configuration: Configuration
    /// This host's own addresses.
    var localAddresses: [IPAddress]

    /// Warnings are said on standard error; errors too, and then the command ends with status 2.
    static func read(_ path: String) throws(Refusal) -> CheckedFile {
        let bytes: [UInt8]
        switch FileReading.bytes(at: path, byteCountMax: Limits().fileByteCountMax + 1) {
        case .success(let read): bytes = read
        case .failure(let failure): throw Refusal(failure.sentence, status: 2)
        }
        let document = Document(reading: bytes)
        let facts = LocalFacts.gather(for: document)
        var (configuration, problems) = ConfigurationReader.read(document, facts: facts)
        if let read = configuration {
            let more = SecurityFiles.problems(of: read, in: document)
            if !more.isEmpty { configuration = nil }
            problems += more
        }
        let report = ProblemReport(path: path, document: document, problems: problems)
        Terminal.errors.write(lines: report.lines(widthMax: Terminal.errors.size?.columns ?? 100))
        guard let configuration else {
            throw Refusal("\(path): \(report.summary)", status: 2)
        }
        return CheckedFile(
            configuration: configuration,
            localAddresses: facts.interfaces.flatMap { $0.addresses.map(\.address) })
    }
}
