internal import BalancerCore
internal import CLinux
internal import Glibc

/// The thread of one reactor, which lives on its stack.
enum ReactorThread {
    private final class Start {
        let listeners: [ListeningSocket]
        let security: BalancerSecurity
        let mailbox: Mailbox
        let settings: BalancerDriverSettings
        let index: Int

        init(
            _ listeners: [ListeningSocket], _ security: BalancerSecurity, _ mailbox: Mailbox,
            _ settings: BalancerDriverSettings, _ index: Int
        ) {
            self.listeners = listeners
            self.security = security
            self.mailbox = mailbox
            self.settings = settings
            self.index = index
        }
    }

    static func start(
        listeners: [ListeningSocket], security: BalancerSecurity, mailbox: Mailbox,
        settings: BalancerDriverSettings, index: Int
    ) throws(BalancerDriverError) {
        let start = Unmanaged.passRetained(Start(listeners, security, mailbox, settings, index))
        var thread = pthread_t()
        let result = pthread_create(&thread, nil, main, start.toOpaque())
        guard result == 0 else {
            start.release()
            throw .systemCall("pthread_create", result)
        }
        pthread_setname_np(thread, "baton-reactor-\(index)")
        pthread_detach(thread)
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
        { argument in
            guard let argument else { return nil }
            let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
            do throws(BalancerDriverError) {
                var reactor = try Reactor(
                    listeners: start.listeners, security: start.security,
                    mailbox: start.mailbox, settings: start.settings)
                reactor.run()
            } catch {
                // No descriptor for epoll: as good as stopped.
                start.mailbox.publish(.init(), .init(), isOver: true)
            }
            return nil
        }
}
