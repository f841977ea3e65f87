import MonotonicTime
import RESP
import Testing

@testable import SentinelPort

@Suite("A line of CLIENT LIST")
struct ClientLineTests {
    @Test("has Redis's fields in Redis's order")
    func fields() {
        var counter = Counter()
        counter.now.monotonic = Instant(nanoseconds: 0) + .seconds(5)
        counter.ask("CLIENT SETINFO lib-name x")
        counter.ask("CLIENT SETINFO lib-ver 1")
        counter.ask("CLIENT SETNAME me")
        counter.ask("CLIENT NO-EVICT ON")
        let line = counter.text("CLIENT INFO")
        #expect(
            line == "id=1 addr=127.0.0.1:40001 laddr=127.0.0.1:26379 fd=9 name=me age=5 idle=0"
                + " flags=e db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=0 qbuf-free=0 argv-mem=0"
                + " multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0 events=r cmd=client|info"
                + " user=default redir=-1 resp=2 lib-name=x lib-ver=1\n")
    }

    @Test("shows what the client is by letters")
    func flags() {
        var counter = Counter()
        #expect(counter.text("CLIENT INFO").contains(" flags=N "))
        counter.ask("HELLO 3")
        counter.ask("SUBSCRIBE a")
        counter.ask("CLIENT TRACKING ON BCAST")
        #expect(counter.text("CLIENT INFO").contains(" flags=PtB "))
    }
}
