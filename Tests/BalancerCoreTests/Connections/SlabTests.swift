import Testing

@testable import BalancerCore

@Suite("Slab")
struct SlabTests {
    @Test("what was meant for a former life of a slot never reaches its successor")
    func generations() {
        var slab = Slab<Int>()
        let slot = slab.insert(1)
        let first = slab.place(of: slot)
        slab.remove(slot)
        #expect(slab.slot(of: first) == nil)
        #expect(slab.insert(2) == slot)
        #expect(slab.slot(of: first) == nil)
        #expect(slab.slot(of: slab.place(of: slot)) == slot)
        #expect(slab[slot] == 2)
    }

    @Test("a free slot has no life that could be meant, and nor has one that never was")
    func free() {
        var slab = Slab<Int>()
        let slot = slab.insert(1)
        slab.remove(slot)
        #expect(slab.slot(of: slab.place(of: slot)) == nil)
        #expect(slab.slot(of: ClientID.nobody.place) == nil)
        #expect(slab.count == 0)
    }

    @Test("grows to thousands, each where it was")
    func grows() {
        var slab = Slab<[Int]>()
        for value in 0..<3000 { #expect(slab.insert([value]) == value) }
        for value in 0..<3000 { #expect(slab[value] == [value]) }
        #expect(slab.count == 3000)
    }
}
