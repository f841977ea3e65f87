import Testing

/// Real servers, real nodes, real networks: one story after another, each in a laboratory of its
/// own that is gone when the story ends.
@Suite("End to end", .serialized, .needsRoot)
enum EndToEnd {}
