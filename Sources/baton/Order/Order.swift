import ArgumentParser
import CLinux
import Glibc

/// An operator's order to a node, and the watch over what comes of it.
struct Order {
    /// Errors name it.
    let command: String
    let options: OrderOptions
    let isCoordinated: Bool

    /// An election, a promotion and the taking of the address take a tenth of it.
    private static let patienceSeconds = 10.0
    /// Until then a failover that is not under way may not have begun.
    private static let beginningSeconds = 1.0
    private static let lookMicroseconds: UInt32 = 10_000

    func run() throws {
        let client = try options.node.client(of: command)
        let result: Result<String, OrderPlan.Obstacle>
        do throws(NodeFailure) {
            result = try carryOut(client)
        } catch {
            result = .failure(OrderPlan.Obstacle(text: error.lines.joined(separator: "\n")))
        }
        switch result {
        case .success(let text):
            Terminal.output.write(text + "\n")
        case .failure(let obstacle):
            Terminal.errors.write("baton \(command): \(obstacle.text)\n")
            throw ExitCode(1)
        }
    }

    /// What has come of it, in one sentence.
    private func carryOut(
        _ client: NodeClient
    ) throws(NodeFailure) -> Result<String, OrderPlan.Obstacle> {
        let plan = OrderPlan(
            report: try client.report(), group: options.group, target: options.to)
        switch plan.order(isCoordinated: isCoordinated) {
        case .failure(let obstacle):
            return .failure(obstacle)
        case .success(let order):
            let begin = Self.seconds()
            _ = try client.ask(order.words)
            return try watch(order, since: begin, client)
        }
    }

    private func watch(
        _ order: OrderPlan.Plan, since begin: Double, _ client: NodeClient
    ) throws(NodeFailure) -> Result<String, OrderPlan.Obstacle> {
        while true {
            let passed = Self.seconds() - begin
            switch order.outcome(try client.report()) {
            case .moved(let host):
                return .success(
                    "\(order.group): \(host) has the primary now, after "
                        + "\(Int(passed * 1000)) ms.")
            case .over where passed > Self.beginningSeconds:
                return .failure(
                    OrderPlan.Obstacle(
                        text: "\(order.group): nothing has changed; the nodes' logs say why: "
                            + "journalctl -u baton"))
            case .over, .underWay:
                break
            }
            guard passed < Self.patienceSeconds else {
                return .failure(
                    OrderPlan.Obstacle(
                        text: "\(order.group): no new primary after "
                            + "\(Int(Self.patienceSeconds)) s; see `baton status`, and the "
                            + "nodes' logs: journalctl -u baton"))
            }
            usleep(Self.lookMicroseconds)
        }
    }

    private static func seconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
