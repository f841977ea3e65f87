import Addressing
import Glibc
import MonotonicTime
import NamespaceFixture
import Testing

@testable import Netlink

@Suite(
    "Refusing, silencing and fencing in the kernel",
    .enabled(if: NamespacePair.isPermitted, "\(NamespacePair.needs)"))
struct BarringTests {
    private let address4 = Trial.addresses[0]
    private let address6 = Trial.addresses[1]

    @Test("addresses of both families are barred, listed and admitted again")
    func bar() throws {
        try NamespacePair.with { [address4, address6] pair in
            let lists = try pair.near.run {
                var filter = try LeaseFilter()
                var lists = [try filter.barred()]
                try filter.bar(address6)
                try filter.bar(address4)
                try filter.bar(address4)
                lists.append(try filter.barred())
                return lists
            }
            #expect(lists == [[], [address4, address6]])
            let ruleset = try pair.near.command("nft list ruleset")
            #expect(ruleset.contains("elements = { 10.18.14.94 }"))
            #expect(ruleset.contains("elements = { fd18::94 }"))
            let (unbarred, left) = try pair.near.run {
                var filter = try LeaseFilter()
                let unbarred = [try filter.unbar(address4), try filter.unbar(address4)]
                return (unbarred, try filter.barred())
            }
            #expect(unbarred == [true, false])
            #expect(left == [address6])
        }
    }

    @Test("barring puts right what a firewall's reload or an operator took away")
    func repaired() throws {
        try NamespacePair.with { [address4] pair in
            let bar = {
                try pair.near.run {
                    var filter = try LeaseFilter()
                    try filter.bar(address4)
                }
                return try pair.near.command("nft list ruleset")
            }
            let expected = try bar()
            for damage in ["flush ruleset", "flush chain inet baton input"] {
                try pair.near.command("nft \(damage)")
                #expect(try bar() == expected)
            }
        }
    }

    @Test("refuses at once also behind a stateful firewall")
    func statefulFirewall() throws {
        let rules = [
            "add table inet firewall",
            "add chain inet firewall in { type filter hook input priority 0; policy drop; }",
            "add rule inet firewall in ct state established,related accept",
            "add rule inet firewall in ip protocol icmp accept",
            "add chain inet firewall out { type filter hook output priority 0; policy drop; }",
            "add rule inet firewall out ct state invalid drop",
            "add rule inet firewall out ct state established,related accept",
        ]
        try NamespacePair.with { [address4] pair in
            for rule in rules { try pair.near.command("nft \(rule)") }
            try pair.near.ip("addr add 10.18.14.94/32 dev near0")
            try pair.near.run {
                var filter = try LeaseFilter()
                try filter.bar(address4)
            }
            let refused = try pair.far.run {
                try TCPSocket.connect(to: Endpoint(address: address4, port: 6379)).errno
            }
            #expect(refused == ECONNREFUSED)
        }
    }

    @Test("closing with barring refuses who knocks at once", arguments: Trial.addresses)
    func closeBarring(address: IPAddress) throws {
        try NamespacePair.with { pair in
            let trial = try Trial(pair, address)
            let listener = try trial.listen()
            _ = try trial.open(60_000)
            #expect(try trial.knock() == 0)
            try trial.filter.close(address, .barring)
            #expect(try trial.knock() == ECONNREFUSED)
            #expect(try trial.filter.remaining(address) == nil)
            #expect(try trial.filter.barred() == [address])
            _ = listener
        }
    }

    @Test(
        "a hushed address says nothing and hears nothing, but who waits there can be reset",
        arguments: Trial.addresses)
    func hushed(address: IPAddress) throws {
        try NamespacePair.with { pair in
            let trial = try Trial(pair, address)
            let listener = try trial.listen()
            _ = try trial.open(60_000)
            let (client, errno) = try trial.connect(limitMilliseconds: 300)
            try #require(errno == 0)
            let server = try listener.accept()
            try trial.filter.close(address, .hushing)
            #expect(try trial.filter.hushed() == [address])
            #expect(client.writeErrno() == 0)
            #expect(server.writeErrno() == 0)
            #expect(client.readErrno() == EAGAIN)
            #expect(try trial.knock() == EINPROGRESS)
            let count = try pair.near.run {
                var connections = try ConnectionReset()
                return try connections.resetAll(local: address)
            }
            #expect(count == 1)
            #expect(client.readErrno() == ECONNRESET)
            #expect(try trial.filter.unhush(address))
            #expect(try !trial.filter.unhush(address))
        }
    }

    @Test(
        "a fenced server is refused to strangers and open to the cluster's hosts and this one",
        arguments: zip(["10.18.13.1", "fd18::1"], ["10.18.13.2", "fd18::2"]))
    func fence(own: String, stranger: String) throws {
        let endpoint = Endpoint(address: try #require(IPAddress(own)), port: Trial.port)
        let peer = try #require(IPAddress(stranger))
        try NamespacePair.with { pair in
            let trial = try Trial(pair)
            let listener = try trial.listen()
            let before = try trial.connect(to: endpoint, limitMilliseconds: 300)
            try #require(before.errno == 0)
            let server = try listener.accept()
            try trial.filter.fence(Trial.port)
            #expect(try trial.filter.fenced() == [Trial.port])
            #expect(try trial.knock(at: endpoint) == ECONNREFUSED)
            // Who was connected hears nothing, and is reset when it says something.
            #expect(server.writeErrno() == 0)
            #expect(before.0.readErrno() == EAGAIN)
            #expect(before.0.writeErrno() == 0)
            #expect(before.0.readErrno() == ECONNRESET)
            let local = try pair.near.run { try TCPSocket.connect(to: endpoint).errno }
            #expect(local == 0)

            _ = try trial.filter.install(
                guarding: [trial.address], interfaces: ["near0"], trusted: [peer])
            #expect(try trial.filter.fenced() == [Trial.port])
            #expect(try trial.knock(at: endpoint) == 0)
            _ = try trial.filter.install(
                guarding: [trial.address], interfaces: ["near0"], trusted: [])
            #expect(try trial.knock(at: endpoint) == ECONNREFUSED)
            #expect(try trial.filter.unfence(Trial.port))
            #expect(try !trial.filter.unfence(Trial.port))
            #expect(try trial.knock(at: endpoint) == 0)
        }
    }

    @Test("a fence is put up again with the lease after somebody has flushed the ruleset")
    func fenceAfterFlush() throws {
        try NamespacePair.with { pair in
            let trial = try Trial(pair)
            try trial.filter.fence(7000)
            try trial.filter.fence(7001)
            _ = try trial.filter.unfence(7001)
            _ = try trial.open(60_000)
            try pair.near.command("nft flush ruleset")
            _ = try trial.open(60_000)
            #expect(try trial.filter.fenced() == [7000])
        }
    }

    @Test("a lease admits strangers to a fenced server, as long as it lasts")
    func admission() throws {
        let own = Endpoint(address: try #require(IPAddress("10.18.13.1")), port: Trial.port)
        try NamespacePair.with { pair in
            let trial = try Trial(pair)
            let listener = try trial.listen()
            try trial.filter.fence(Trial.port)
            _ = try trial.open(5000, port: Trial.port)
            #expect(try trial.knock() == 0)
            #expect(try trial.knock(at: own) == 0)
            #expect(try trial.renew(2000, port: Trial.port).isHeld(forMilliseconds: 2000))
            let (client, errno) = try trial.connect(to: own)
            try #require(errno == 0)
            sleep(milliseconds: 2050)
            #expect(try trial.knock(at: own) == ECONNREFUSED)
            #expect(client.writeErrno() == 0)
            #expect(client.readErrno() == ECONNRESET)

            _ = try trial.open(60_000, port: Trial.port)
            #expect(try trial.knock(at: own) == 0)
            try trial.filter.close(trial.address, port: Trial.port)
            #expect(try trial.knock(at: own) == ECONNREFUSED)
            _ = listener
        }
    }
}
