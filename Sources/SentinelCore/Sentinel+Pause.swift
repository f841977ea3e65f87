package import MonotonicTime

/// Leaving a group alone for some maintenance: an operator's word, kept on the disk of each node
/// and told from one to the next. While it is in force no failover begins by itself, no server is
/// reconfigured, and the host that holds the write address keeps it whatever its server does.
extension Sentinel {
    mutating func pauseOrdered(
        _ query: QueryID, _ name: String, _ order: PauseOrder, _ effects: inout [Effect]
    ) {
        guard let group = groups.firstIndex(where: { $0.name == name }) else {
            return effects.append(.respond(query, error: "ERR No such master with that name"))
        }
        guard electorate.count > 0 else {
            return effects.append(
                .respond(
                    query,
                    error: "ERR Nobody votes yet, so no majority can store it; see baton status"))
        }
        guard mayVote else {
            return effects.append(
                .respond(query, error: "ERR This node can't vote: its state is not durable"))
        }
        guard groups[group].pauseQuery == nil else {
            return effects.append(
                .respond(query, error: "INPROG Another such order is under way here"))
        }
        var word = PauseWord(
            number: (groups[group].pause?.word.number ?? 0) + 1, author: id, isPaused: false)
        if case .pause(let length) = order {
            word.isPaused = true
            word.length = length
        }
        take(word, group, &effects)
        groups[group].pauseQuery = PauseQuery(query: query, deadline: now + Rhythm.pauseRound)
        for peer in peers.indices { greet(peer, group) }
        concludePause(group, &effects)
    }

    /// Baton leaves the group alone. Inlined, since a call would copy the sentinel.
    @inline(__always)
    func isPaused(_ group: Int) -> Bool { groups[group].pause?.word.isPaused ?? false }

    /// What a node tells of the newest word: what is left of the pause.
    func pauseTold(_ group: Int) -> PauseWord? {
        guard let pause = groups[group].pause else { return nil }
        var word = pause.word
        word.length = pause.until.map { max($0 - now, .zero) }
        return word
    }

    /// A peer tells its newest word; `isAnswer`: to what this node told it.
    mutating func heardPause(
        _ word: PauseWord?, from peer: Int, isAnswer: Bool, _ group: Int,
        _ effects: inout [Effect]
    ) {
        guard let word, word.number < PauseWord.numberMax else { return }
        if let own = groups[group].pause?.word {
            if word.isNewer(than: own) {
                take(word, group, &effects)
                overrule(group, &effects)
            } else if word.isSame(as: own), own.isPaused {
                if !word.isPaused {
                    take(word, group, &effects)
                } else if let length = word.length, let until = groups[group].pause?.until {
                    // A node that has started counts anew; who has counted on knows better.
                    groups[group].pause?.until = min(until, now + length)
                }
            }
        } else {
            take(word, group, &effects)
        }
        if isAnswer, let own = groups[group].pause?.word, word.isSame(as: own) {
            groups[group].pauseQuery?.stored.insert(peer)
        }
    }

    private mutating func take(_ word: PauseWord, _ group: Int, _ effects: inout [Effect]) {
        let wasPaused = isPaused(group)
        groups[group].pause = Pause(
            word: word, until: word.isPaused ? word.length.map { now + $0 } : nil)
        outbox.stateChanged()
        guard wasPaused != word.isPaused else { return }
        let author = peers.first { $0.id == word.author }?.name ?? settings.name
        let length = word.length.map { ", for \($0.milliseconds) ms" } ?? ""
        announce(
            word.isPaused ? .paused : .resumed, groups[group].subject(groups[group].primary),
            word.isPaused ? "ordered on \(author)\(length)" : "ordered on \(author)", &effects)
    }

    /// What has come of the operator's order, and of the pause's time.
    mutating func keepPause(_ group: Int, _ effects: inout [Effect]) {
        guard groups[group].pause != nil else { return }
        if let until = groups[group].pause?.until, isPaused(group), now >= until {
            groups[group].pause?.word.isPaused = false
            groups[group].pause?.until = nil
            outbox.stateChanged()
            announce(
                .resumed, groups[group].subject(groups[group].primary), "its time is over",
                &effects)
        }
        concludePause(group, &effects)
    }

    private mutating func concludePause(_ group: Int, _ effects: inout [Effect]) {
        guard let query = groups[group].pauseQuery else { return }
        // The others were told behind this node's own disk.
        let count = electorate.voices(query.stored, withSelf: outbox.isSettled)
        if outbox.isSettled, count >= electorate.majority {
            groups[group].pauseQuery = nil
            effects.append(.respond(query.query, error: nil))
        } else if now >= query.deadline {
            groups[group].pauseQuery = nil
            effects.append(
                .respond(
                    query.query,
                    error:
                        "NOQUORUM \(count) of \(electorate.count) voters have stored it, which is "
                        + "no majority: those follow it, the others do what they did before, and "
                        + "learn of it when they are reached"))
        }
    }

    /// Two orders at the same time: the later or greater one counts, and this one's giver is told.
    private mutating func overrule(_ group: Int, _ effects: inout [Effect]) {
        guard let query = groups[group].pauseQuery else { return }
        groups[group].pauseQuery = nil
        effects.append(
            .respond(
                query.query,
                error:
                    "INPROG Another node was given such an order at the same time, which counts; "
                    + "see baton status"))
    }
}

/// The newest word, as one node follows it.
package struct Pause: Equatable, Sendable {
    package var word: PauseWord
    /// Its end, on this node's clock; after a restart counted anew from the start.
    package var until: Instant?
}

/// An operator waits for a majority of the nodes to have stored his word.
struct PauseQuery: Equatable, Sendable {
    let query: QueryID
    let deadline: Instant
    var stored = PeerSet()
}
