"""Titles that are odd: text to be kept as it is, whatever else it looks like."""

import unicodedata

MARKUP = [
    "<b>bold</b>",
    "<script>document.title='owned'</script>",
    "<img src=x onerror=alert(1)>",
    "</td></tr></table>",
    "<!-- -->",
    "<svg/onload=alert(1)>",
    "&lt;b&gt; &amp; &#60;",
    "]]>",
    '"><i>',
    "'><i>",
    "javascript:alert(1)",
    "<style>*{display:none}</style>",
    "<a href=//x.test>x",
]
TEMPLATES = [
    "{{7*7}}",
    "{% raw %}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{{constructor.constructor('x')()}}",
    "`${alert(1)}`",
    "%s %d %n",
    "{0.__class__}",
    "$(id)",
    "`id`",
    "\\u003cb\\u003e",
    "%00",
    "%2e%2e",
]
OPERATORS = [
    "$where",
    "$gt",
    '{"$ne": null}',
    "$title",
    "$$ROOT",
    "a.b.c",
    "__proto__",
    "constructor",
    "'; DROP TABLE todos; --",
    '" OR 1=1 --',
    "1); DELETE FROM todos",
    "\\'",
    "\\",
    "\\\\x",
    "null",
    "NULL",
    "None",
    "true",
    "false",
    "NaN",
    "undefined",
    "0",
    "-1",
    "1e999",
    "[]",
    "{}",
]
FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", '=cmd|" /C calc"!A0', "a,b;c\"d'e", "|", "#REF!"]
ADDRESSES = [
    "https://x.test/?a=b#c",
    "//x.test",
    "file:///etc/passwd",
    "../../etc/passwd",
    "data:text/html,x",
    "C:\\Users",
    "/todos/1",
    "mailto:a@b.test",
    "http://[::1]:5001/",
]
DIRECTIONS = [
    "\u202eevil\u202c",
    "\u2066isolate",
    "\u05e9\u05dc\u05d5\u05dd abc 123",
    "\u0645\u0631\u062d\u0628\u0627",
    "abc \u05d0\u05d1\u05d2 (x)",
    "\u200fright",
    "\u200eleft",
    "\u061cletter",
    "a\u202ab\u202bc",
]
SCRIPTS = [
    "\u0905\u0928\u0941\u091a\u094d\u091b\u0947\u0926",
    "\u6f22\u5b57",
    "\u3072\u3089\u304c\u306a",
    "\ud55c\uad6d\uc5b4",
    "\u0e44\u0e17\u0e22",
    "\u0410\u0430",
    "\u0391\u03b1",
    "p\u0430yp\u0430l",
    "\uff21\uff22",
    "\u0130stanbul \u0131",
    "\u00df\u1e9e",
    "\ufb03",
    "\U0001d4d0",
    "\ufdfa",
]
EMOJI = [
    "\U0001f469\u200d\U0001f4bb",
    "\U0001f1eb\U0001f1f7",
    "\u2764\ufe0f",
    "\U0001f44d\U0001f3fd",
    "1\ufe0f\u20e3",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001fade",
    "\U0001f600",
]
MARKS = [
    "Z\u0351\u036b\u0343\u036a",
    "e\u0301\u0316\u0327",
    "a" + "\u0300" * 150,
    "\u0301a",
    "\u20dd",
]
SPACES = [
    "a\u00a0b",
    "a\u2003b",
    "a\u3000b",
    "a\u2028b",
    "a\u2029b",
    "a\u200bb",
    "a\ufeffb",
    "a\u00adb",
    "a  b",
    "  a",
    "a  ",
    "\u00a0a\u2003",
    "a\u180eb",
    "a\u2060b",
]
LONGEST = [
    "W" * 200,
    "\U0001f600" * 200,
    "\u4e00" * 200,
    "\ufdfd" * 200,
    "<" * 200,
    "i" * 199 + "\u0301",
]

# Each of these is refused: it has a character that no text has, shows nothing, or is too long.
REFUSED = [
    *("", " ", "\t\n", "x" * 201, "x" * 10_000, "a\x00b", "\x00", "a\nb", "a\rb", "a\tb", "a\x7fb"),
    *(f"a{chr(it)}b" for it in (*range(1, 32), *range(0x80, 0xA0))),
    *("\x1b[31mred", "\x1b]0;title\x07", "\x9b31m", "\u202e", "\u200b\u200d", "\u3164", "\u2800"),
    *("\u0958" * 101, "\u00ad", "\ufeff"),
]
KEPT = [
    *MARKUP,
    *TEMPLATES,
    *OPERATORS,
    *FORMULAS,
    *ADDRESSES,
    *DIRECTIONS,
    *SCRIPTS,
    *EMOJI,
    *MARKS,
    *SPACES,
    *LONGEST,
    *(chr(it) * 3 for it in (0xE000, 0xFFFD, 0xFFFE, 0x10FFFF)),
    *(f"{chr(it)}x{chr(it)}" for it in range(0x21, 0x30)),
]


def as_kept(title: str) -> str:
    """Return a title as the contract says that it is kept: trimmed, and in the form NFC."""
    return unicodedata.normalize("NFC", title.strip())
