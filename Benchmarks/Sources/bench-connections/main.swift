import Addressing
import BalancerCore
import BalancerDriver
import Glibc
import Workbench

// What connections cost a balancer: memory for each that is idle, and whether anything is left of a
// million that came and went, in order or not.

let workbench = Workbench("bench-connections")
let localhost = IPAddress.v4(IPv4Address(127, 0, 0, 1))
let serverPort: UInt16 = 21_320
let balancerPort: UInt16 = 21_321

/// What the `serve` child does: a balancer before one server, until it is killed.
func serve() throws {
    var settings = BalancerDriverSettings()
    settings.balancer.clientCountMax = 20_000
    let place = Endpoint(address: localhost, port: serverPort)
    let driver = try BalancerDriver(
        listeners: [
            BalancerListener(
                endpoint: Endpoint(address: localhost, port: balancerPort), service: .auto)
        ], settings: settings)
    driver.update(
        servers: [ServerReport(endpoint: place, role: .replica, condition: .serving(.none))],
        writes: WritePlace(endpoint: place, epoch: 1))
    while true { sleep(3600) }
}

func run() throws {
    var limit = rlimit(rlim_cur: 32_768, rlim_max: 32_768)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let server = try Child([
        "redis-server", "--port", "\(serverPort)", "--save", "", "--bind", "127.0.0.1",
    ])
    defer { server.end() }
    let balancer = try Child(["/proc/self/exe", "serve"])
    defer { balancer.end() }
    try Visit.waitUntilServed(on: balancerPort)

    let before = balancer.memoryKiB
    var idle: [Int32] = []
    for _ in 0..<10_000 { idle.append(try Visit.connect(balancerPort)) }
    for number in idle { try Visit.ask(number) }
    sleep(1)
    let bytes = (balancer.memoryKiB - before) * 1024 / idle.count
    let busyBefore = balancer.times
    sleep(10)
    let times = balancer.times
    let busy = Int(
        (times.user + times.system - busyBefore.user - busyBefore.system) / 1000)
    for number in idle { close(number) }
    print("10,000 idle clients: \(bytes) bytes each, \(busy) ms of a processor in 10 s")

    let count = workbench.number("CONNECTIONS", default: 1_000_000)
    // What grows once, to the size of the load, has grown by then.
    try Visit.many(count / 20, on: balancerPort)
    sleep(2)
    let (memory, descriptors) = (balancer.memoryKiB, balancer.descriptorCount)
    try Visit.many(count, on: balancerPort)
    sleep(2)
    let growth = balancer.memoryKiB - memory
    let left = balancer.descriptorCount - descriptors
    print(
        "\(count) connections, a fifth of them broken off with a request under way: "
            + "memory grew by \(growth) KiB, \(left) descriptors are left")
    print(
        "RESULT idle_bytes_per_client=\(bytes) idle_processor_ms=\(busy) connections=\(count)"
            + " memory_growth_kib=\(growth) descriptors_left=\(left)")
    guard left <= 0, growth < 2048 else { exit(1) }
}

do {
    if CommandLine.arguments.dropFirst().first == "serve" { try serve() }
    try run()
} catch {
    workbench.say("bench-connections: \(error)")
    exit(1)
}
