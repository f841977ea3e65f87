import Glibc

/// `pidfile PATH`: the process's number, for as long as it runs.
struct PIDFile {
    private let path: String?

    /// Writes it; a file that can't be written is no reason not to serve (Redis behaviour).
    init(_ path: String?) {
        guard let path, let file = fopen(path, "we") else {
            self.path = nil
            return
        }
        fputs("\(getpid())\n", file)
        fclose(file)
        self.path = path
    }

    func remove() {
        if let path { unlink(path) }
    }
}
