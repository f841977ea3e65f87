import CLinux
import Glibc

/// A pipe whose ends no child inherits unless it is given one.
struct Pipe: Sendable {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws(LaboratoryError) {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else {
            throw .systemCall("pipe2", subject: "", errorNumber: errno)
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }
}
