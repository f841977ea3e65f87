import Testing

@Suite("Code alone")
struct CodeAloneTests {
    @Test(
        "comments and the text of literals are left out, code stays where it was",
        arguments: [
            ("a // b", "a     "),
            ("a /* b /* c */ d */ e", "a                   e"),
            ("f(\"b\\\"c\") + d", "f(      ) + d"),
            ("\"a\\(b(\"c\"))d\"", "    b(   )   "),
            ("#\"a\"b\\(c)\"# d", "            d"),
            ("#\"\\#(x)\"#", "     x   "),
            ("\"\"\"\n a \"b\" {\n\"\"\" }", "   \n        \n    }"),
            ("#expect(a)", "#expect(a)"),
        ])
    func blanks(text: String, code: String) {
        #expect(codeAlone(text) == code)
    }
}
