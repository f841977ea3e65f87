internal import RESP

extension Port {
    mutating func subscribe(_ request: Request, _ id: PortClient.ID) {
        guard let client = self[id] else { return }
        let added = request.count - 1
        guard client.subscriptionCount + added <= PortClient.subscriptionsMax else {
            return refuse(id, "ERR more than \(PortClient.subscriptionsMax) subscriptions")
        }
        let isChannel = request.option(0) == "subscribe"
        for topic in request.arguments.dropFirst() {
            change(id) { client in
                if isChannel {
                    if !client.channels.contains(topic) { client.channels.append(topic) }
                } else {
                    if !client.patterns.contains(topic) { client.patterns.append(topic) }
                }
            }
            confirm(isChannel ? "subscribe" : "psubscribe", .bulkString(topic), id)
        }
    }

    mutating func unsubscribe(_ request: Request, _ client: PortClient) {
        let isChannel = request.option(0) == "unsubscribe"
        let name = isChannel ? "unsubscribe" : "punsubscribe"
        var topics = Array(request.arguments.dropFirst())
        if topics.isEmpty { topics = isChannel ? client.channels : client.patterns }
        if topics.isEmpty { return confirm(name, .null, client.id) }
        for topic in topics {
            change(client.id) { client in
                if isChannel {
                    client.channels.removeAll { $0 == topic }
                } else {
                    client.patterns.removeAll { $0 == topic }
                }
            }
            confirm(name, .bulkString(topic), client.id)
        }
    }

    private mutating func confirm(_ name: String, _ topic: RESPValue, _ id: PortClient.ID) {
        guard let client = self[id] else { return }
        push(id, .push([.bulk(name), topic, .integer(client.subscriptionCount)]))
    }
}
