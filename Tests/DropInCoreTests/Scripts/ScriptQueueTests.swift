import MonotonicTime
import SentinelCore
import Testing

@testable import DropInCore

@Suite("Scripts")
struct ScriptQueueTests {
    private let now = Instant(nanoseconds: 0)

    private func started(_ effects: [DropInEffect]) -> [ScriptID] {
        effects.compactMap {
            if case .runScript(let id, path: _, arguments: _) = $0 { id } else { nil }
        }
    }

    private func lines(_ effects: [DropInEffect]) -> [String] {
        effects.compactMap {
            if case .announce(let announcement) = $0 { announcement.line } else { nil }
        }
    }

    @Test("run sixteen at a time, and the oldest idle one gives way to more than 256")
    func limits() {
        var queue = ScriptQueue()
        var effects: [DropInEffect] = []
        for number in 0..<20 {
            queue.add(path: "/a", arguments: ["\(number)"], at: now)
        }
        queue.run(at: now, runTimeMax: .seconds(60), into: &effects)
        #expect(started(effects).count == 16)
        for number in 20..<300 { queue.add(path: "/a", arguments: ["\(number)"], at: now) }
        #expect(queue.count == 256)
        let words = queue.pending(at: now).map(\.words)
        #expect(words[15] == ["/a", "15"])
        #expect(words[16] == ["/a", "60"])
    }

    @Test("are tried again after 30 s, then 60 s, ten times in all")
    func retries() {
        var queue = ScriptQueue()
        var moment = now
        queue.add(path: "/a", arguments: [], at: moment)
        var pauses: [Int] = []
        var last: [DropInEffect] = []
        for _ in 0..<10 {
            var effects: [DropInEffect] = []
            queue.run(at: moment, runTimeMax: .seconds(60), into: &effects)
            guard let id = started(effects).first else { break }
            last = []
            queue.started(id, processID: 5, into: &last)
            queue.ended(id, .exited(1), delay: .seconds(30), at: moment, &last)
            guard case .scheduled(let pause) = queue.pending(at: moment).first?.state else { break }
            pauses.append(pause.milliseconds / 1000)
            moment = moment + pause
        }
        #expect(pauses == [30, 60, 120, 240, 480, 960, 1920, 3840, 7680])
        #expect(lines(last) == ["+script-child 5", "-script-child 5 1 0", "-script-error /a 0 1"])
        #expect(queue.count == 0)
    }

    @Test("are killed when they run too long, and not tried again for an exit code above 1")
    func endings() {
        var queue = ScriptQueue()
        queue.add(path: "/a", arguments: [], at: now)
        queue.add(path: "/b", arguments: [], at: now)
        queue.add(path: "/c", arguments: [], at: now)
        var effects: [DropInEffect] = []
        queue.run(at: now, runTimeMax: .seconds(60), into: &effects)
        let ids = started(effects)
        #expect(ids.count == 3)
        queue.started(ids[0], processID: 9, into: &effects)
        effects = []
        queue.ended(ids[1], .exited(2), delay: .seconds(30), at: now, &effects)
        queue.ended(ids[2], .failed, delay: .seconds(30), at: now, &effects)
        #expect(
            lines(effects) == [
                "-script-child 0 2 0", "-script-error /b 0 2", "-script-error /c 99 0",
            ])
        effects = []
        queue.run(at: now + .seconds(61), runTimeMax: .seconds(60), into: &effects)
        queue.run(at: now + .seconds(62), runTimeMax: .seconds(60), into: &effects)
        #expect(lines(effects) == ["-script-timeout /a 9"])
        #expect(effects.contains(.killScript(ids[0])))
        effects = []
        queue.ended(ids[0], .signalled(9), delay: .seconds(30), at: now, &effects)
        #expect(lines(effects) == ["-script-child 9 0 9"])
        #expect(queue.pending(at: now).map(\.state) == [.scheduled(after: .seconds(30))])
    }
}
