import DirectiveFile
import Testing

@Suite("Reading a configuration file")
struct DocumentTests {
    /// The note's own sentinel.conf, as it prints it.
    static let sentinelConf = """
        protected-mode no
        daemonize yes
        logfile "/var/log/sentinel.log"
        sentinel monitor master1 192.168.11.123 6379 2
        sentinel auth-pass master1 shk9Hjwe
        sentinel down-after-milliseconds mymaster 5000
        sentinel parallel-syncs master1 1
        sentinel failover-timeout master1 30000
        sentinel client-reconfig-script master1 /etc/redis/reconfig_master.sh

        """

    /// The note's own redis.conf, with the replicas' line.
    static let redisConf = """
        #bind 127.0.0.1
        protected-mode no
        daemonize yes
        logfile "/var/log/redis.log"
        masterauth shk9Hjwe
        requirepass shk9Hjwe
        maxmemory 1g
        maxmemory-policy volatile-lru
        appendonly yes
        replicaof 192.168.11.123 6379
        """

    @Test("the note's sentinel.conf is read whole, each word with its place")
    func noteSentinel() throws {
        let document = Document(reading: Array(Self.sentinelConf.utf8))
        #expect(document.problems.isEmpty)
        #expect(document.directives.map(\.line) == Array(1...9))
        #expect(document.directives[2].arguments.map(\.text) == ["/var/log/sentinel.log"])
        let downAfter = document.directives[5]
        #expect(
            downAfter.words.map(\.text)
                == ["sentinel", "down-after-milliseconds", "mymaster", "5000"])
        #expect(downAfter.words.map(\.column) == [1, 10, 34, 43])
        #expect(downAfter.words.allSatisfy { $0.line == 6 })
        let group = document.directives[3].words[2].text
        #expect(nearestSpelling(of: downAfter.words[2].text, among: [group]) == "master1")
    }

    @Test("the note's redis.conf is read whole, its commented line as a comment")
    func noteRedis() throws {
        let document = Document(reading: Array(Self.redisConf.utf8))
        #expect(document.problems.isEmpty)
        #expect(document.lines.count == 10)
        #expect(document.lines[0].kind == .comment)
        #expect(
            document.directives.map(\.name) == [
                "protected-mode", "daemonize", "logfile", "masterauth", "requirepass",
                "maxmemory", "maxmemory-policy", "appendonly", "replicaof",
            ])
        #expect(document.bytes == Array(Self.redisConf.utf8))
    }

    @Test("a name is read without regard to case, and kept as it was typed")
    func caseOfNames() throws {
        let directive = try #require(Document(reading: Array("MaxMemory 1G".utf8)).directives.first)
        #expect(directive.name == "maxmemory")
        #expect(directive.words.map(\.text) == ["MaxMemory", "1G"])
    }

    @Test("a comment begins only where the line begins")
    func comments() {
        let text = "# a\n\t # b\n\n \t\r\nport 1 # c\nuser u #ab\n\u{0B}# d\n"
        let document = Document(reading: Array(text.utf8))
        #expect(
            document.lines.map(\.kind) == [
                .comment, .comment, .blank, .blank, .directive, .directive, .directive,
            ])
        #expect(document.directives.map(\.words.count) == [4, 3, 2])
        #expect(document.problems.map(\.line) == [5])
        #expect(document.problems.map(\.column) == [8])
        #expect(document.problems.map(\.severity) == [.warning])
    }

    @Test("CRLF and a missing last line end are read and kept")
    func lineEnds() {
        let bytes = Array("port 1\r\n# c\r\nbind \"a\"\nlast x".utf8)
        let document = Document(reading: bytes)
        #expect(document.problems.isEmpty)
        #expect(
            document.directives.map { $0.words.map(\.text) }
                == [["port", "1"], ["bind", "a"], ["last", "x"]])
        #expect(document.bytes == bytes)
    }

    @Test("an empty file has no lines and no problems")
    func empty() {
        let document = Document(reading: [])
        #expect(document.lines.isEmpty)
        #expect(document.problems.isEmpty)
    }

    @Test("a column counts characters, whatever they are made of")
    func columns() throws {
        let text = "logfile \"订单\"  e\u{301}t\u{E9} 👨‍👩‍👧 \tend"
        let directive = try #require(Document(reading: Array(text.utf8)).directives.first)
        #expect(directive.words.map(\.column) == [1, 9, 15, 19, 22])
    }

    @Test(
        "a blank that is no blank to Redis is named, at its own place",
        arguments: [
            ("sentinel\u{A0}monitor a", 9, "no-break space (U+00A0)"),
            ("dir \u{A0}\u{A0}/tmp", 5, "no-break space (U+00A0)"),
            ("dir 订单\u{3000}x", 7, "full-width space (U+3000)"),
            ("port 1\u{200B}", 7, "zero-width space (U+200B)"),
            ("\u{FEFF}port 1", 1, "byte order mark (U+FEFF)"),
            ("half\u{A0}\"quoted\u{A0}\"", 5, "no-break space (U+00A0)"),
        ])
    func lookalikes(text: String, column: Int, name: String) throws {
        let problems = Document(reading: Array(text.utf8)).problems
        let problem = try #require(problems.first)
        #expect(problems.count == 1)
        #expect(problem.column == column)
        #expect(problem.severity == .warning)
        #expect(problem.message.contains(name))
    }

    @Test("the script in the note, read as a file, shows each of its no-break spaces' words")
    func noteScript() {
        let text =
            "if [ ${MASTER_IP} = ${LOCAL_IP} ];then \u{A0}\u{A0}\n"
            + "\u{A0}\u{A0}\u{A0}\u{A0}/usr/sbin/ip \u{A0}addr \u{A0}add ${VIP}/${NETMASK}\n"
        let document = Document(reading: Array(text.utf8))
        #expect(document.problems.map(\.line) == [1, 2, 2, 2])
        #expect(document.problems.map(\.column) == [40, 1, 18, 24])
    }

    @Test("a quoted or commented no-break space is meant")
    func quotedLookalike() {
        let text = "dir \"a\u{A0}b\" 'c\u{3000}d'\n# e\u{A0}f\n"
        #expect(Document(reading: Array(text.utf8)).problems.isEmpty)
    }

    @Test("bytes that are not UTF-8 are a problem in a directive, not in a comment")
    func notUTF8() {
        // "dir" and "订单" in GB 18030, as an old editor on a Chinese machine saves it.
        let gb18030: [UInt8] = [0xB6, 0xA9, 0xB5, 0xA5]
        var bytes = Array("# ".utf8) + gb18030 + Array("\ndir 订 /a/".utf8) + gb18030
        bytes += Array("\nrequirepass \"\\xff\"\n".utf8)
        let document = Document(reading: bytes)
        #expect(document.problems.map(\.line) == [2, 3])
        #expect(document.problems.map(\.column) == [10, 13])
        #expect(document.problems.allSatisfy { $0.severity == .error })
        #expect(document.bytes == bytes)
    }

    @Test("a NUL byte, at which Redis would stop reading, is a problem in any line")
    func nul() {
        let document = Document(reading: Array("port 1\n# a\0\nbind\0 x\n".utf8))
        #expect(document.problems.map(\.line) == [2, 3])
        #expect(document.problems.map(\.column) == [4, 5])
        #expect(document.directives.map(\.name) == ["port"])
    }

    @Test("all problems are reported together, in the order of the file")
    func allTogether() {
        let text = "dir \"a\nport\u{A0}1 x\u{3000}y\n\nbind 'b'c\n"
        let problems = Document(reading: Array(text.utf8)).problems
        #expect(problems.map { [$0.line, $0.column] } == [[1, 5], [2, 5], [2, 9], [4, 9]])
    }

    @Test("text beyond a limit is reported, not read, and kept")
    func limits() {
        var limits = Limits()
        limits.lineByteCountMax = 8
        limits.lineCountMax = 3
        let text = "port 12\nport 123\nbind\nx\ny\n"
        let document = Document(reading: Array(text.utf8), limits: limits)
        #expect(document.directives.map(\.name) == ["port", "bind"])
        #expect(document.problems.map(\.line) == [2, 4])
        #expect(document.bytes == Array(text.utf8))

        limits.fileByteCountMax = 24
        let large = Document(reading: Array(text.utf8), limits: limits)
        #expect(large.directives.isEmpty)
        #expect(
            large.problems.map(\.message) == ["the file is larger than 24 bytes and was not read"])
        #expect(large.bytes == Array(text.utf8))
    }

    @Test("a file of nothing but problems lists the first hundred and says that there are more")
    func problemLimit() {
        let document = Document(reading: Array(String(repeating: "'\n", count: 5_000).utf8))
        #expect(document.problems.count == 101)
        #expect(document.problems.last?.line == 101)
        #expect(document.problems.last?.message.contains("more problems") == true)
    }

    @Test("no byte of any file is lost, and what is written reads back the same")
    func anyFile() {
        var generator = SeededGenerator(seed: 1)
        var limits = Limits()
        limits.lineByteCountMax = 48
        for _ in 0..<3_000 {
            let bytes = generator.file(pieceCountMax: 40)
            let document = Document(reading: bytes, limits: limits)
            #expect(document.bytes == bytes)
            for problem in document.problems {
                #expect((1...document.lines.count).contains(problem.line))
                #expect((1...49).contains(problem.column))
            }
        }
    }
}
