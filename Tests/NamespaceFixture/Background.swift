internal import CLinux
internal import Glibc
internal import Synchronization

/// Something that goes on beside the test, on a thread of its own, until it is stopped.
public final class Background {
    private let thread: pthread_t
    private let loop: Loop

    /// Repeats `body` until ``stop()``. Sockets are better opened before, in their namespace.
    public init(_ body: @escaping @Sendable () -> Void) throws {
        loop = Loop(body: body)
        var thread = pthread_t()
        let box = Unmanaged.passRetained(loop)
        guard pthread_create(&thread, nil, runLoop, box.toOpaque()) == 0 else {
            box.release()
            throw Command.Failure(description: "pthread_create: \(errno)")
        }
        self.thread = thread
    }

    /// Waits for the round that is under way.
    public func stop() {
        loop.isStopped.store(true, ordering: .relaxed)
        pthread_join(thread, nil)
    }
}

private final class Loop: Sendable {
    let body: @Sendable () -> Void
    let isStopped = Atomic(false)

    init(body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

private func runLoop(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let box else { return nil }
    let loop = Unmanaged<Loop>.fromOpaque(box).takeRetainedValue()
    while !loop.isStopped.load(ordering: .relaxed) { loop.body() }
    return nil
}
