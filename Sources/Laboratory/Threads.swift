import CLinux
import Glibc

/// A network namespace that threads can enter; without one (`nil`) they stay where they are.
///
/// Entering is per thread: the rest of the process never leaves the root namespace.
final class NamespaceDoor: Sendable {
    private let descriptor: Shared<Int32?>
    private let isOrdinary: Bool

    /// Opens the namespace that `ip netns add` made under this name.
    init(namespace: String?) throws(LaboratoryError) {
        guard let namespace else {
            isOrdinary = true
            descriptor = Shared(nil)
            return
        }
        isOrdinary = false
        let path = "\(Namespaces.directory)/\(namespace)"
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else {
            throw .systemCall("open", subject: path, errorNumber: errno)
        }
        descriptor = Shared(opened)
    }

    /// Moves the calling thread into the namespace. The thread must end there: nobody moves back.
    func enter() throws(LaboratoryError) {
        guard !isOrdinary else { return }
        let errorNumber: Int32? = descriptor.with { descriptor in
            guard let descriptor else { return EBADF }
            return setns(descriptor, clinuxCloneNewNetwork) == 0 ? nil : errno
        }
        switch errorNumber {
        case nil: return
        case EBADF?: throw .closed
        case let errorNumber?:
            throw .systemCall("setns", subject: "namespace", errorNumber: errorNumber)
        }
    }

    /// Lets the kernel remove the namespace once its last thread and process are gone.
    func shut() {
        descriptor.with { descriptor in
            if let open = descriptor { close(open) }
            descriptor = nil
        }
    }

    deinit {
        shut()
    }
}

/// Starts a thread that runs `body` once and ends.
func startThread(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(ThreadBody(body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let status = pthread_create(&thread, &attributes, threadMain, box.toOpaque())
    pthread_attr_destroy(&attributes)
    precondition(status == 0, "pthread_create: \(systemErrorText(status))")
}

/// Lets the calling thread go before all ordinary ones, where that is permitted: for work of a few
/// microseconds that must not be late.
func hurryThread() {
    var parameters = sched_param(sched_priority: 1)
    pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters)
}

private final class ThreadBody {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

private nonisolated func threadMain(_ argument: UnsafeMutableRawPointer?)
    -> UnsafeMutableRawPointer?
{
    guard let argument else { return nil }
    Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().body()
    return nil
}

/// A thread that lives inside a namespace and runs what is handed to it, one job after another.
///
/// Programs are started from it for two reasons: a child inherits its parent *thread's*
/// namespace, and a child that asked for a signal at its parent's death is sent it when the
/// *thread* ends. So the resident lives exactly as long as the laboratory, also when that is
/// killed.
final class Resident: Sendable {
    private struct Mailbox: Sendable {
        var jobs: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private let mailbox = Shared(Mailbox())

    init(entering door: NamespaceDoor) throws(LaboratoryError) {
        let arrival = Shared<Result<Void, LaboratoryError>?>(nil)
        let mailbox = mailbox
        startThread {
            let outcome: Result<Void, LaboratoryError>
            do throws(LaboratoryError) {
                try door.enter()
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            arrival.with { $0 = outcome }
            guard case .success = outcome else { return }
            Self.serve(mailbox)
        }
        try arrival.wait { $0 }!.get()
    }

    private static func serve(_ mailbox: Shared<Mailbox>) {
        while true {
            let job: (@Sendable () -> Void)?? = mailbox.wait { mailbox in
                if !mailbox.jobs.isEmpty { return mailbox.jobs.removeFirst() }
                return mailbox.isClosed ? .some(nil) : nil
            }
            guard let job = job ?? nil else { return }
            job()
        }
    }

    /// Runs `job` on the resident and waits for its result.
    func run<Outcome: Sendable>(
        _ job: @escaping @Sendable () throws(LaboratoryError) -> Outcome
    ) throws(LaboratoryError) -> Outcome {
        let answer = Shared<Result<Outcome, LaboratoryError>?>(nil)
        let accepted = mailbox.with { mailbox in
            guard !mailbox.isClosed else { return false }
            mailbox.jobs.append {
                let outcome = Result { () throws(LaboratoryError) in try job() }
                answer.with { $0 = outcome }
            }
            return true
        }
        guard accepted else { throw .closed }
        return try answer.wait { $0 }!.get()
    }

    /// Lets the thread end after the jobs that it already has.
    func dismiss() {
        mailbox.with { $0.isClosed = true }
    }

    deinit {
        dismiss()
    }
}
