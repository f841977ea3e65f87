/// A place in a ``Slab`` in one of the lives that it has had.
///
/// Trivial and of one word, so that it can stand in the kernel's event data and in every effect.
public struct SlotID: Hashable, Sendable {
    public var slot: UInt32
    /// Odd while the slot is taken; another value for each of its lives, for 2^31 of them.
    public var generation: UInt32

    public init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// One client's connection.
public struct ClientID: Hashable, Sendable {
    public var place: SlotID

    public init(place: SlotID) {
        self.place = place
    }
}

extension ClientID {
    /// No client's: even generations are those of free places.
    static let nobody = ClientID(place: SlotID(slot: UInt32.max, generation: 0))
}

/// One connection to a server.
public struct UpstreamID: Hashable, Sendable {
    public var place: SlotID

    public init(place: SlotID) {
        self.place = place
    }
}

/// Records in slots that are used again, each life with another generation, so that what was meant
/// for a connection that has ended never reaches its successor.
///
/// Grows to the most that were alive at once, and never shrinks: a record is some 200 bytes. Its
/// memory is its own rather than an array's, so that a record is changed where it lies without
/// asking whether the array is shared.
struct Slab<Record>: ~Copyable {
    private var records: UnsafeMutablePointer<Record>
    private var generations: UnsafeMutablePointer<UInt32>
    private var capacity: Int
    private var takenOnceCount = 0
    private var free: ContiguousArray<Int> = []

    init() {
        capacity = 16
        records = .allocate(capacity: capacity)
        generations = .allocate(capacity: capacity)
    }

    deinit {
        records.deinitialize(count: takenOnceCount)
        records.deallocate()
        generations.deallocate()
    }

    /// Those that are taken.
    var count: Int { takenOnceCount - free.count }

    /// All slots, taken or not: for walks over those that ``isTaken(_:)``.
    var slots: Range<Int> { 0..<takenOnceCount }

    /// Traps when the slot was never taken.
    subscript(slot: Int) -> Record {
        @inline(__always) unsafeAddress {
            precondition(slot >= 0 && slot < takenOnceCount)
            return UnsafePointer(records + slot)
        }
        @inline(__always) unsafeMutableAddress {
            precondition(slot >= 0 && slot < takenOnceCount)
            return records + slot
        }
    }

    mutating func insert(_ record: Record) -> Int {
        if let slot = free.popLast() {
            generations[slot] &+= 1
            records[slot] = record
            return slot
        }
        if takenOnceCount == capacity { grow() }
        (records + takenOnceCount).initialize(to: record)
        generations[takenOnceCount] = 1
        takenOnceCount += 1
        return takenOnceCount - 1
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Record>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: records, count: takenOnceCount)
        records.deallocate()
        records = larger
        let more = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2)
        more.moveInitialize(from: generations, count: takenOnceCount)
        generations.deallocate()
        generations = more
        capacity *= 2
    }

    /// The record stays readable until the slot is taken anew.
    mutating func remove(_ slot: Int) {
        precondition(isTaken(slot))
        generations[slot] &+= 1
        free.append(slot)
    }

    func isTaken(_ slot: Int) -> Bool {
        slot >= 0 && slot < takenOnceCount && generations[slot] & 1 == 1
    }

    @inline(__always)
    func place(of slot: Int) -> SlotID {
        precondition(slot >= 0 && slot < takenOnceCount)
        return SlotID(slot: UInt32(truncatingIfNeeded: slot), generation: generations[slot])
    }

    /// The slot of this life; `nil` when it is over.
    @inline(__always)
    func slot(of place: SlotID) -> Int? {
        let slot = Int(place.slot)
        guard slot < takenOnceCount, generations[slot] == place.generation,
            place.generation & 1 == 1
        else { return nil }
        return slot
    }
}
