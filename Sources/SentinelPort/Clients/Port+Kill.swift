internal import RESP

extension Port {
    /// What `CLIENT KILL` takes; a client must fit all that is given.
    private struct Filter {
        var id: PortClient.ID?
        var remote: String?
        var local: String?
        var user: String?
        var isOfType: (PortClient) -> Bool = { _ in true }
        var skipsCaller = true

        func takes(_ client: PortClient, caller: PortClient.ID) -> Bool {
            (id.map { client.id == $0 } ?? true)
                && (remote.map { client.remote == $0 } ?? true)
                && (local.map { client.local == $0 } ?? true)
                && (user.map { client.user == $0 } ?? true)
                && isOfType(client) && !(skipsCaller && client.id == caller)
        }
    }

    /// `CLIENT KILL ip:port`, or with filters.
    mutating func kill(_ request: Request, _ id: PortClient.ID) {
        if request.count == 3 {
            var filter = Filter(remote: request.words[2])
            filter.skipsCaller = false
            let count = kill(filter, by: id)
            return count == 0
                ? refuse(id, "ERR No such client") : finishKill(id, .simple("OK"), filter)
        }
        guard let filter = filter(request, id) else { return }
        let count = kill(filter, by: id)
        finishKill(id, .integer(count), filter)
    }

    /// `nil` once it was refused.
    private mutating func filter(_ request: Request, _ id: PortClient.ID) -> Filter? {
        var filter = Filter()
        var index = 2
        while index < request.count {
            guard index + 1 < request.count else {
                refuse(id, "ERR syntax error")
                return nil
            }
            let value = request.words[index + 1]
            switch request.option(index) {
            case "id":
                guard let number = request.integer(index + 1), number > 0 else {
                    refuse(id, "ERR client-id should be greater than 0")
                    return nil
                }
                filter.id = number
            case "type":
                guard let isOfType = Self.typeFilter(value) else {
                    refuse(id, "ERR Unknown client type '\(value)'")
                    return nil
                }
                filter.isOfType = isOfType
            case "addr": filter.remote = value
            case "laddr": filter.local = value
            case "user":
                guard book[value] != nil else {
                    refuse(id, "ERR No such user '\(value)'")
                    return nil
                }
                filter.user = value
            case "skipme" where ["yes", "no"].contains(request.option(index + 1)):
                filter.skipsCaller = request.option(index + 1) == "yes"
            case _:
                refuse(id, "ERR syntax error")
                return nil
            }
            index += 2
        }
        return filter
    }

    /// How many; the caller itself is closed by ``finishKill(_:_:_:)``, after its answer.
    private mutating func kill(_ filter: Filter, by caller: PortClient.ID) -> Int {
        let doomed = clients.filter { filter.takes($0, caller: caller) }.map(\.id)
        for id in doomed where id != caller { close(id) }
        return doomed.count
    }

    private mutating func finishKill(
        _ id: PortClient.ID, _ answer: RESPValue, _ filter: Filter
    ) {
        reply(id, answer)
        if let caller = self[id], filter.takes(caller, caller: id) { close(id) }
    }

    /// A user is gone: so are its connections.
    mutating func closeClients(of user: String) {
        for client in clients where client.user == user { close(client.id) }
    }

    /// Closes connections that are subscribed to what their user may no longer hear.
    mutating func closeSubscribersWithoutRight(of user: AccessUser) {
        for client in clients where client.user == user.name {
            let mayStay =
                client.channels.allSatisfy { user.allows(channel: $0, isPattern: false) }
                && client.patterns.allSatisfy { user.allows(channel: $0, isPattern: true) }
            if !mayStay { close(client.id) }
        }
    }
}
