// sources: DirectiveFile
//
// Any bytes are a document: reading never traps, and what is written reads back as the same
// document, also after an edit made of words from the document itself.

private func check(_ document: Document) {
    let again = Document(reading: document.bytes, limits: document.limits)
    precondition(again == document, "a written document reads back as another")
    precondition(again.problems == document.problems && again.directives == document.directives)
    for problem in document.problems {
        precondition(problem.line >= 1 && problem.column >= 1)
    }
}

/// One input of libFuzzer; a broken promise stops the process.
@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: count))
    // Small limits, so that inputs of the size that a fuzzer makes meet them.
    var limits = Limits()
    limits.fileByteCountMax = 2048
    limits.lineByteCountMax = 128
    limits.lineCountMax = 32
    limits.problemCountMax = 16

    var document = Document(reading: input, limits: limits)
    precondition(document.bytes == input, "reading lost bytes")
    check(document)

    let words = document.directives.flatMap { $0.words.map(\.text) }
    for directive in document.directives.prefix(4) {
        let arguments = Array(words.suffix(3).reversed())
        guard (try? document.replaceArguments(onLine: directive.line, with: arguments)) != nil
        else { continue }
        check(document)
        let rewritten = document.directives.first { $0.line == directive.line }
        precondition(rewritten?.name == directive.name)
        precondition(rewritten?.arguments.map(\.text) == arguments)
    }
    let lines = words.prefix(3).map { [$0] + words.suffix(2) }
    let replaced = try? document.replace(
        where: { $0.words.count > 2 }, with: Array(lines), under: "# Generated")
    check(document)
    if replaced != nil, !document.lines.isEmpty {
        try? document.remove(line: 1)
        check(document)
    }
    if let first = words.first, let last = words.last {
        precondition(nearestSpelling(of: first, among: words) == first)
        _ = nearestSpelling(of: first + last, among: words)
    }
    return 0
}
