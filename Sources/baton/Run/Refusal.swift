import ArgumentParser
import Glibc

/// Why a command ends without having done its work: a whole sentence, and the exit status.
struct Refusal: Error {
    var sentence: String
    var status: Int32

    init(_ sentence: String, status: Int32 = 1) {
        self.sentence = sentence
        self.status = status
    }

    /// Says it on standard error and ends the command.
    func end(_ command: String) -> any Error {
        Terminal.errors.write("baton \(command): \(sentence)\n")
        return ExitCode(status)
    }
}
