internal import Addressing
internal import Glibc
internal import MonotonicTime
internal import SentinelCore

extension FailoverRecord {
    /// One line of the journal.
    ///
    ///     schema        1
    ///     node          whose view it is
    ///     group, cause, epoch, leader, votes[], from, to
    ///     at            when it began, by the host's own clock: RFC 3339, UTC, milliseconds
    ///     steps[]       { phase, milliseconds since it began }
    ///     fromOffset, toOffset, unheldMilliseconds, lostBytes, failure
    ///     seenBy, seenMilliseconds  the host that heard the new holder answer for the write
    ///                   address, and how long after it knew of it
    ///
    /// - Parameters:
    ///   - now: the monotonic clock's and the wall clock's present, taken together: a record's
    ///     moments are told by the clock of now, whatever steps it has made since.
    func json(node: String, now: (monotonic: Instant, wallNanoseconds: Int64)) -> String {
        let begin = steps.first?.at ?? now.monotonic
        let wall = now.wallNanoseconds - (now.monotonic - begin).nanoseconds
        var json = JSONText()
        json.object {
            $0.integer("schema", 1)
            $0.string("node", node)
            $0.string("group", group)
            $0.string("cause", cause.rawValue)
            $0.integer("epoch", epoch)
            $0.string("leader", leader)
            $0.array("votes", votes) { $0.element($1) }
            $0.string("from", from.description)
            $0.string("to", to?.description)
            $0.string("at", WallTime.text(nanoseconds: wall))
            $0.array("steps", steps) { json, step in
                json.object {
                    $0.string("phase", step.phase.rawValue)
                    $0.integer("milliseconds", (step.at - begin).milliseconds)
                }
            }
            $0.integer("fromOffset", fromOffset)
            $0.integer("toOffset", toOffset)
            $0.integer("unheldMilliseconds", unheld?.milliseconds)
            $0.integer("lostBytes", lostBytes)
            $0.string("failure", failure)
            $0.string("seenBy", seen?.by)
            $0.integer("seenMilliseconds", seen?.after.milliseconds)
        }
        return json.text
    }
}

/// The host's wall clock, which only people read.
enum WallTime {
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// `2026-01-31T23:59:59.123Z`
    static func text(nanoseconds: Int64) -> String {
        var seconds = time_t(nanoseconds / 1_000_000_000)
        let milliseconds = Int(nanoseconds / 1_000_000 % 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ number: Int, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let day = [
            digits(Int(parts.tm_year) + 1900, 4), digits(Int(parts.tm_mon) + 1, 2),
            digits(Int(parts.tm_mday), 2),
        ].joined(separator: "-")
        let hour = [
            digits(Int(parts.tm_hour), 2), digits(Int(parts.tm_min), 2),
            digits(Int(parts.tm_sec), 2),
        ].joined(separator: ":")
        return "\(day)T\(hour).\(digits(milliseconds, 3))Z"
    }
}
