/// Whether this Baton can speak TLS at all.
public enum TLSSupport {
    /// True unless the package was built without its trait `TLS`.
    public static var isBuilt: Bool {
        #if TLS
        true
        #else
        false
        #endif
    }
}
