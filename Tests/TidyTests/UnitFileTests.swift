import Foundation
import Testing

/// The systemd unit, as `make install` writes it, read by systemd itself.
@Suite("Unit file", .enabled(if: UnitFile.canBeVerified, "systemd-analyze is not installed"))
struct UnitFileTests {
    @Test("systemd accepts the unit without a word")
    func tree() throws {
        #expect(try UnitFile.complaints(about: UnitFile.text()) == "")
    }

    @Test(
        "a unit that systemd cannot read is noticed",
        arguments: [
            ("Type=notify", "Type=notifi"), ("[Install]", "[Instal]"),
            ("Restart=always", "Restrat=always"), ("=strict", "=strikt"),
            ("/bin/baton run", "/bin/button run"),
        ])
    func bad(right: String, wrong: String) throws {
        let text = try UnitFile.text()
        #expect(text.contains(right))
        let changed = text.replacingOccurrences(of: right, with: wrong)
        #expect(try UnitFile.complaints(about: changed) != "")
    }
}

private enum UnitFile {
    static let analyzer = URL(filePath: "/usr/bin/systemd-analyze")

    static var canBeVerified: Bool {
        FileManager.default.isExecutableFile(atPath: analyzer.path(percentEncoded: false))
    }

    static func text() throws -> String {
        let file = Tree.root.appending(path: "packaging/systemd/baton.service")
        return try String(contentsOf: file, encoding: .utf8)
    }

    /// What `systemd-analyze verify` prints about the unit, installed with a program of its name.
    static func complaints(about text: String) throws -> String {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "baton-unit-\(UUID().uuidString)")
        let program = folder.appending(path: "bin/baton")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "bin"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("#!/bin/sh\n".utf8).write(to: program)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: program.path(percentEncoded: false))
        let unit = folder.appending(path: "baton.service")
        let prefix = folder.path(percentEncoded: false)
        try text.replacingOccurrences(of: "@PREFIX@", with: prefix)
            .write(to: unit, atomically: true, encoding: .utf8)

        let process = Process()
        let output = Pipe()
        process.executableURL = analyzer
        process.arguments = ["verify", "--man=no", unit.path(percentEncoded: false)]
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let words = String(decoding: said, as: UTF8.self)
        return process.terminationStatus == 0 ? words : words + "exit \(process.terminationStatus)"
    }
}
