public import RESP

/// The commands of a server and how each is treated: learnt from its own `COMMAND`, so that new
/// commands and modules work on the day they appear.
///
/// Immutable; a lookup compares the bytes of the request in place and allocates nothing.
public struct CommandTable: Sendable {
    private struct Entry {
        var nameStart: Int
        var nameLength: Int
        var `class`: CommandClass
        /// What a container's command is whose argument is not known.
        var fallback: CommandClass
        /// Whether it is the name of a command alone, and not `name|argument`.
        var isCommand: Bool
    }

    private var entries: ContiguousArray<Entry> = []
    private var names: ContiguousArray<UInt8> = []
    /// Open addressing: 0 for nothing, else one more than an entry's index.
    private var buckets: ContiguousArray<UInt16> = []
    /// Whether it was learnt from a server.
    public let isLearnt: Bool

    /// Commands beyond which a server is not believed; Redis 7 has 400 with all subcommands.
    private static let countMax = 4_096
    /// Bytes of a name, or of an argument that decides; none known is longer than 20.
    private static let wordLengthMax = 64

    /// What is known before any server was asked: all else is ``CommandClass/unknown``.
    public init() {
        isLearnt = false
        addOverrides()
        index()
    }

    /// - Parameter reply: a server's to `COMMAND`; `nil` comes of anything else, an error included.
    public init?(reply: RESPValue) {
        guard let commands = Self.elements(reply), !commands.isEmpty else { return nil }
        isLearnt = true
        addOverrides()
        for command in commands { add(command) }
        index()
    }

    /// Those in the table, subcommands included.
    public var count: Int { entries.count }

    private mutating func addOverrides() {
        for override in CommandOverrides.classes {
            _ = add(
                Array(override.name.utf8), override.class,
                fallback: CommandOverrides.fallback(ofContainer: override.name.utf8))
        }
    }

    /// `[name, arity, flags, first key, last key, step, categories, tips, keys, subcommands]`; the
    /// last four since Redis 7.
    private mutating func add(_ command: RESPValue) {
        guard let fields = Self.elements(command), fields.count >= 3,
            let name = fields[0].bytes, let flags = Self.elements(fields[2])
        else { return }
        let subcommands = fields.count > 9 ? Self.elements(fields[9]) ?? [] : []
        let own = Self.class(ofFlags: flags)
        let isNew = add(
            name, subcommands.isEmpty ? own : .container,
            fallback: own == .blocking ? .blocking : .other)
        // The flags of `client|reply` don't tell what it does to a connection that others share: of
        // a command that is overridden, what the overrides don't name is their fallback.
        guard isNew else { return }
        for subcommand in subcommands { add(subcommand) }
    }

    /// `false` when there is one of that name.
    private mutating func add(
        _ name: [UInt8], _ class: CommandClass, fallback: CommandClass
    ) -> Bool {
        let name = name.map(Self.folded)
        let isKnown = entries.contains { entry in
            names[entry.nameStart..<entry.nameStart + entry.nameLength].elementsEqual(name)
        }
        guard !isKnown, entries.count < Self.countMax else { return false }
        entries.append(
            Entry(
                nameStart: names.count, nameLength: name.count, class: `class`, fallback: fallback,
                isCommand: !name.contains(Self.divider)))
        names.append(contentsOf: name)
        return true
    }

    private static func `class`(ofFlags flags: [RESPValue]) -> CommandClass {
        let flags = flags.compactMap(\.string)
        if flags.contains("blocking") { return .blocking }
        if flags.contains("write") { return .write }
        return flags.contains("readonly") ? .read : .other
    }

    private static func elements(_ value: RESPValue) -> [RESPValue]? {
        switch value {
        case .array(let elements), .set(let elements): elements
        case .simpleString, .error, .integer, .bulkString, .null, .nullArray, .boolean, .double,
            .bigNumber, .bulkError, .verbatimString, .map, .push, .attributed:
            nil
        }
    }

    private mutating func index() {
        var size = 256
        while size < entries.count * 4 { size *= 2 }
        buckets = ContiguousArray(repeating: 0, count: size)
        for (index, entry) in entries.enumerated() {
            var hash = Self.seed
            for byte in names[entry.nameStart..<entry.nameStart + entry.nameLength] {
                hash = Self.mixed(hash, byte)
            }
            var bucket = Int(hash) & (size - 1)
            while buckets[bucket] != 0 { bucket = (bucket + 1) & (size - 1) }
            buckets[bucket] = UInt16(index + 1)
        }
    }

    /// How the request is treated whose name lies in that range of the bytes, and whose first
    /// argument, if any, in the other.
    @inline(__always)
    public func `class`(
        _ bytes: RawSpan, name: Range<Int>, firstArgument: Range<Int>
    ) -> CommandClass {
        guard name.count <= Self.wordLengthMax, let entry = entry(bytes, name, 0..<0) else {
            return .unknown
        }
        guard entry.class == .container else { return entry.class }
        guard !firstArgument.isEmpty, firstArgument.count <= Self.wordLengthMax else {
            return entry.fallback
        }
        return self.entry(bytes, name, firstArgument)?.class ?? entry.fallback
    }

    /// The entry of a name, or of `name|argument`.
    private func entry(_ bytes: RawSpan, _ name: Range<Int>, _ argument: Range<Int>) -> Entry? {
        var hash = Self.seed
        for offset in name { hash = Self.mixed(hash, Self.folded(bytes.octet(at: offset))) }
        if !argument.isEmpty {
            hash = Self.mixed(hash, Self.divider)
            for offset in argument { hash = Self.mixed(hash, Self.folded(bytes.octet(at: offset))) }
        }
        var bucket = Int(hash) & (buckets.count - 1)
        // There are empty buckets, so the walk ends.
        while buckets[bucket] != 0 {
            let entry = entries[Int(buckets[bucket]) - 1]
            if matches(entry, bytes, name, argument) { return entry }
            bucket = (bucket + 1) & (buckets.count - 1)
        }
        return nil
    }

    private func matches(
        _ entry: Entry, _ bytes: RawSpan, _ name: Range<Int>, _ argument: Range<Int>
    ) -> Bool {
        let length = argument.isEmpty ? name.count : name.count + 1 + argument.count
        guard entry.nameLength == length, entry.isCommand == argument.isEmpty else { return false }
        var index = entry.nameStart
        for offset in name {
            guard names[index] == Self.folded(bytes.octet(at: offset)) else { return false }
            index += 1
        }
        guard !argument.isEmpty else { return true }
        guard names[index] == Self.divider else { return false }
        index += 1
        for offset in argument {
            guard names[index] == Self.folded(bytes.octet(at: offset)) else { return false }
            index += 1
        }
        return true
    }

    private static let divider = UInt8(ascii: "|")

    /// Fowler, Noll and Vo's FNV-1a, for 32 bits.
    private static let seed: UInt32 = 0x811C_9DC5

    @inline(__always)
    private static func mixed(_ hash: UInt32, _ byte: UInt8) -> UInt32 {
        (hash ^ UInt32(byte)) &* 0x0100_0193
    }

    @inline(__always)
    private static func folded(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }
}
