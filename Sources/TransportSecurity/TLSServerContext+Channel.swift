public import NIOCore

#if TLS
internal import NIOSSL
#endif

// For connections that are NIO's own.
extension TLSServerContext {
    /// Speaks TLS on a channel that a client opened: stands before every other handler.
    ///
    /// - Throws: ``TLSFailure`` in a program that was built without TLS.
    public func handler() throws(TLSFailure) -> any ChannelHandler {
        #if TLS
        return NIOSSLServerHandler(context: context)
        #else
        throw .notBuilt
        #endif
    }
}
