import Testing

@testable import RESP

@Suite("Value")
struct RESPValueTests {
    @Test("strings of every kind give their bytes and their text")
    func strings() {
        #expect(RESPValue.simple("OK").string == "OK")
        #expect(RESPValue.bulk("值").string == "值")
        #expect(RESPValue.verbatimString(.text, [0x61]).string == "a")
        #expect(RESPValue.attributed(.bulk("a"), attributes: []).string == "a")
        #expect(RESPValue.integer(1).string == nil)
        #expect(RESPValue.null.bytes == nil)
    }

    @Test("bytes that are not UTF-8 are no string, and are repaired for people")
    func notUTF8() {
        let value = RESPValue.bulkString([0x61, 0xFF])
        #expect(value.string == nil)
        #expect(value.text == "a\u{FFFD}")
    }

    @Test("errors are known by their code, the whole first word")
    func errors() {
        let loading = RESPValue.failure("LOADING Redis is loading the dataset in memory")
        #expect(loading.isError("LOADING"))
        #expect(!loading.isError("LOAD"))
        #expect(RESPValue.bulkError(Array("NOAUTH".utf8)).isError("NOAUTH"))
        #expect(!RESPValue.bulk("LOADING").isError("LOADING"), "a string is no error")
        #expect(loading.bytes == nil, "an error is no string")
        #expect(loading.text == "LOADING Redis is loading the dataset in memory")
    }

    @Test("numbers come as integers or, inside RESP2's maps, as their text")
    func numbers() {
        #expect(RESPValue.integer(7).number == 7)
        #expect(RESPValue.bulk("-7").number == -7)
        #expect(RESPValue.bulk("7 ").number == nil)
        #expect(RESPValue.bulk("").number == nil)
        #expect(RESPValue.null.number == nil)
    }

    @Test("a map reads the same from RESP3 and from RESP2's flat array")
    func pairs() {
        let pairs = [RESPPair(.bulk("ip"), .bulk("::1")), RESPPair(.bulk("port"), .integer(1))]
        #expect(RESPValue.map(pairs).pairs == pairs)
        let flat = RESPValue.array([.bulk("ip"), .bulk("::1"), .bulk("port"), .integer(1)])
        #expect(flat.pairs == pairs)
        #expect(RESPValue.array([.bulk("ip")]).pairs == nil)
        #expect(RESPValue.array([]).pairs == [])
        #expect(RESPValue.set([]).pairs == nil)
    }

    @Test("either null is null, and nothing else")
    func nulls() {
        #expect(RESPValue.null.isNull)
        #expect(RESPValue.nullArray.isNull)
        #expect(!RESPValue.bulk("").isNull)
        #expect(!RESPValue.array([]).isNull)
    }
}
