internal import CLinux

/// The kernel's verdict on a request: NLMSG_ERROR, whose error number is 0 for success.
struct Acknowledgement: Equatable {
    /// A positive errno, or 0.
    var errno: Int32
    /// NLMSGERR_ATTR_MSG: what the kernel adds in words, often empty.
    var explanation: String

    /// `nil` when the payload of an NLMSG_ERROR is too short to hold a verdict.
    init?(_ message: Message) {
        guard let code = message.payload.native(Int32.self) else { return nil }
        // Negated without trapping: a code that cannot be negated is no errno anyway.
        errno = code == .min ? .max : (code < 0 ? -code : code)
        explanation = Self.explanation(in: message, failed: code != 0)
    }

    private static func explanation(in message: Message, failed: Bool) -> String {
        guard message.flags & UInt16(NLM_F_ACK_TLVS) != 0 else { return "" }
        // The verdict repeats the request's header, and the request too unless capped.
        var start = 4 + MessageWriter.headerLength
        if failed, message.flags & UInt16(NLM_F_CAPPED) == 0 {
            guard let length = message.payload.native(UInt32.self, at: 4),
                length <= UInt32(message.payload.count)
            else { return "" }
            start = 4 + Message.aligned(Int(length))
        }
        let attributes = Attribute.scan(message.payload.dropFirst(start)) ?? []
        return attributes.text(NLMSGERR_ATTR_MSG.rawValue) ?? ""
    }
}
