internal import Glibc

/// Bytes that wait, first in, first out, in memory that its owner frees.
///
/// A value without a deinitialiser, so that records with queues can lie in one array: whoever drops
/// the record calls ``free()``.
struct ByteQueue {
    private var memory: UnsafeMutableRawPointer?
    private var capacity = 0
    private var head = 0
    private var tail = 0

    private static let capacityMin = 1024

    var count: Int { tail - head }
    var isEmpty: Bool { tail == head }

    /// The bytes from `offset` on, as they lie until the next change.
    func bytes(from offset: Int = 0) -> UnsafeRawBufferPointer {
        precondition(offset <= count)
        guard let memory else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: memory + head + offset, count: count - offset)
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        reserve(bytes.count)
        guard let memory else { return }
        (memory + tail).copyMemory(from: source, byteCount: bytes.count)
        tail += bytes.count
    }

    /// Moves all to the front of a buffer that has room for them; how many they were.
    mutating func moveAll(to buffer: UnsafeMutableRawBufferPointer) -> Int {
        let moved = bytes()
        guard !moved.isEmpty else { return 0 }
        precondition(moved.count <= buffer.count, "more was kept than is read at once")
        buffer.copyMemory(from: moved)
        removeFirst(moved.count)
        return moved.count
    }

    /// Drops the oldest bytes; traps when there are fewer.
    mutating func removeFirst(_ byteCount: Int) {
        precondition(byteCount <= count)
        head += byteCount
        if head == tail {
            head = 0
            tail = 0
        }
    }

    /// Gives the memory back when it holds nothing and is larger than that.
    mutating func shrink(above byteCount: Int) {
        if isEmpty, capacity > byteCount { free() }
    }

    mutating func free() {
        Glibc.free(memory)
        self = ByteQueue()
    }

    /// Makes room behind the last byte: by moving the bytes to the front when half of the memory
    /// is behind them, else by doubling it.
    private mutating func reserve(_ byteCount: Int) {
        guard capacity - tail < byteCount else { return }
        if let memory, count + byteCount <= capacity, head >= capacity / 2 {
            memmove(memory, memory + head, count)
        } else {
            let needed = max(Self.capacityMin, count + byteCount, min(capacity * 2, 1 << 30))
            guard let larger = malloc(needed) else { fatalError("out of memory") }
            if let memory {
                larger.copyMemory(from: memory + head, byteCount: count)
                Glibc.free(memory)
            }
            memory = larger
            capacity = needed
        }
        tail -= head
        head = 0
    }
}
