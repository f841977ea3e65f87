import Laboratory
import MonotonicTime

/// What is done to the primary, and under which setting.
enum Fault: String, CaseIterable {
    case kill9
    case stop
    case isolate

    /// As the table names it.
    var title: String {
        switch self {
        case .kill9: "kill -9 of redis-server"
        case .stop: "SIGSTOP of redis-server"
        case .isolate: "host isolated (carrier loss)"
        }
    }

    /// A dead process is found by evidence, so that the note's 5 s may stay; silence is not.
    var downAfter: Interval {
        switch self {
        case .kill9: .seconds(5)
        case .stop, .isolate: .seconds(1)
        }
    }

    func inflict(on primary: RedisServer, in laboratory: Laboratory) throws(LaboratoryError) {
        switch self {
        case .kill9: primary.kill()
        case .stop: primary.pause()
        case .isolate: try laboratory.isolate(primary.host, by: .carrierLoss)
        }
    }
}
