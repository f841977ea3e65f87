import SentinelCore
import Stage
import Testing

@Suite("Announcement")
struct AnnouncementTests {
    @Test("names its subject in Sentinel's words")
    func subjects() {
        let primary = Stage.server(1)
        #expect(
            Announcement(.subjectivelyDown, .primary(group: "orders", primary)).line
                == "+sdown master orders 10.0.0.1 6379")
        #expect(
            Announcement(
                .replicaFound, .replica(Stage.server(2), group: "orders", primary: primary)
            ).line == "+slave slave 10.0.0.2:6379 10.0.0.2 6379 @ orders 10.0.0.1 6379")
        #expect(
            Announcement(
                .peerFound, .peer(name: "ab12", Stage.node(3), group: "orders", primary: primary)
            ).line == "+sentinel sentinel ab12 10.0.0.3 26379 @ orders 10.0.0.1 6379")
    }

    @Test("has the subject before the detail, either alone, or nothing")
    func message() {
        let subject = Announcement.Subject.primary(group: "orders", Stage.server(1))
        #expect(
            Announcement(.objectivelyDown, subject, detail: "#quorum 3/2").message
                == "master orders 10.0.0.1 6379 #quorum 3/2")
        #expect(Announcement(.newEpoch, detail: "1").message == "1")
        #expect(Announcement(.newEpoch).message == "")
    }

    @Test("is published unless it is a remark for the log")
    func published() {
        for name in Announcement.Name.allCases {
            let isRemark = name == .remark || name == .alarm
            #expect(name.isPublished != isRemark)
            #expect(
                Announcement(name, detail: "text").line
                    == (isRemark ? "text" : "\(name.rawValue) text"))
        }
    }

    @Test("has the level that Sentinel gives it")
    func levels() {
        #expect(Announcement.Name.subjectivelyDown.level == .warning)
        #expect(Announcement.Name.switchPrimary.level == .warning)
        #expect(Announcement.Name.replicaFound.level == .notice)
        #expect(Announcement.Name.reconfigurationDone.level == .notice)
        #expect(Announcement.Name.sendReplicaOfNoOne.level == .notice)
        #expect(Announcement.Name.roleChange.level == .verbose)
    }
}
