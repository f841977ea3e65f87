internal import ObserverCore

/// The view that writes go by. When the file was read anew the servers are watched anew, by
/// somebody whom no node has told anything yet: that takes back nothing that was named before.
struct WriteView {
    private var named: GroupView?

    /// Takes in a new view; returns the one that tells where writes go.
    mutating func note(_ view: GroupView) -> GroupView {
        if view.isNamed { named = view }
        return named ?? view
    }
}
