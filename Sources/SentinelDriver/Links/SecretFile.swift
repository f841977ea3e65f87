internal import Glibc

/// Why a secret could not be had from its file.
public struct SecretFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file.
    public var path: String
    /// A clause for people.
    public var reason: String
    /// File and reason.
    public var description: String { "secret file \(path): \(reason)" }
}

extension ClusterSecret {
    /// The longest secret that is taken, in bytes.
    public static let lengthBytesMax = 512

    /// Reads the secret from a file's first line; spaces around it do not count.
    public init(file path: String) throws(SecretFileError) {
        guard let file = fopen(path, "re") else {
            throw SecretFileError(path: path, reason: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        // One more than may be, to notice what is longer; spaces and line end beside.
        var buffer = [UInt8](repeating: 0, count: Self.lengthBytesMax + 64)
        let count = fread(&buffer, 1, buffer.count, file)
        let line = buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }
        let isSpace = { (byte: UInt8) in [0x20, 0x09, 0x0D].contains(byte) }
        let bytes = line.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        guard !bytes.isEmpty else {
            throw SecretFileError(path: path, reason: "its first line is empty")
        }
        guard bytes.count <= Self.lengthBytesMax else {
            throw SecretFileError(
                path: path, reason: "longer than \(Self.lengthBytesMax) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SecretFileError(path: path, reason: "it is not text")
        }
        self = .shared(text)
    }
}
