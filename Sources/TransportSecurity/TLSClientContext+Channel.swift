public import NIOCore

#if TLS
internal import NIOSSL
#endif

// For connections that are NIO's own.
extension TLSClientContext {
    /// Speaks TLS on a channel: stands before every other handler.
    ///
    /// - Throws: ``TLSFailure`` where the library makes none.
    public func handler() throws(TLSFailure) -> any ChannelHandler {
        #if TLS
        do {
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        } catch {
            throw .library(TLSErrorText.text(error))
        }
        #else
        throw .notBuilt
        #endif
    }

    /// What is wrong with the other end's TLS, or with ours in its eyes, by an error that came
    /// through a channel; `nil` for one that says nothing of it, as when the connection just ended.
    public static func complaint(_ error: any Error) -> String? {
        #if TLS
        return TLSErrorText.complaint(error)
        #else
        return nil
        #endif
    }
}
