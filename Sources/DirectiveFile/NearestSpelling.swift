/// Words longer than this are not compared: nobody misspells one by a letter or two.
private let comparedLengthMax = 64

/// The candidate that `word` was most likely meant to be, or `nil` where none is near.
///
/// Near is an edit distance (letters added, left out, replaced, or two neighbours swapped) of at
/// most two fifths of the longer word, and never more than four. Case is ignored. Of candidates
/// that are equally near the first one wins, an exact match before all.
public func nearestSpelling(of word: String, among candidates: [String]) -> String? {
    if let same = candidates.first(where: { $0 == word }) { return same }
    guard word.utf8.count <= comparedLengthMax else { return nil }
    let letters = Array(word.lowercased())
    var nearest: (candidate: String, distance: Int)?
    for candidate in candidates where candidate.utf8.count <= comparedLengthMax {
        let others = Array(candidate.lowercased())
        let nearEnough = min(4, max(letters.count, others.count) * 2 / 5)
        guard abs(letters.count - others.count) <= nearEnough else { continue }
        let distance = editDistance(letters, others)
        guard distance <= nearEnough, distance < nearest?.distance ?? Int.max else { continue }
        nearest = (candidate, distance)
    }
    return nearest?.candidate
}

/// Damerau-Levenshtein distance, in the form in which no letter is edited twice.
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
    // Three rows of the usual table: of the letters before the last, without the last, and all.
    var older: [Int] = []
    var previous = Array(0...right.count)
    for row in left.indices {
        var current = [row + 1]
        for column in right.indices {
            let isSame = left[row] == right[column]
            var least = min(
                previous[column] + (isSame ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, left[row] == right[column - 1],
                left[row - 1] == right[column]
            {
                least = min(least, older[column - 1] + 1)
            }
            current.append(least)
        }
        (older, previous) = (previous, current)
    }
    return previous[right.count]
}
