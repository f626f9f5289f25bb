"""Lines that tell an exact CLIP tokenizer from a nearly exact one, by what they try."""

PLAIN = [
    "", " ", "a", "A", "the sea at sunset", "a yellow star on a blue background",
    "a mosaic of a green heart on black", "red and white checkerboard", "a sketch of a boat",
    "A Purple MUSHROOM On A Yellow Background", "an orange triangle", "turquoise",
    "blackbackground", "a red house on green|a blue sea", "oil on canvas, trending on artstation",
    "x", "zz", "aaaaaaaa", "abcdefghijklmnopqrstuvwxyz",
    "the quick brown fox jumps over the lazy dog", "on on on on",
    "background backgrounds backgroundish", "in ing inging", "of off offof", "grgrgr",
    "star starstar",
]
WHITESPACE = [
    "  leading", "trailing  ", "two  spaces   and    more", "tab\tand\ttab", "new\nline",
    "\r\nboth\r\n", "form\x0cfeed", "vertical\x0btab", "no\xa0break", "thin\u2009space",
    "em\u2003space", "ideographic\u3000space", "line\u2028separator", "paragraph\u2029separator",
    "next\x85line", "narrow\u202fbreak", "zero\u200bwidth", "word\u2060joiner", "file\x1cseparator",
    "unit\x1fend\x1f", "ogham\u1680mark", "\ufeffbyte order mark", "soft\xadhyphen", "a\n\n\nb",
    " \t\n ", "bell\x07", "null\x00byte", "escape \x1b[31mred\x1b[0m", "delete\x7fcharacter",
]
DIGITS = [
    "1", "12", "123456", "3d render", "4k 8K 16k", "1920x1080", "3.14159", "1,000,000", "-5", "+7",
    "50%", "$19.99", "1st 2nd 3rd", "x2", "2x", "007", "1/2", "1e-6", "0xff", "year 1889, arles",
    "\xbd cup", "x\xb2 + y\xb3", "\u2167 roman", "\u2460\u2461 circled",
    "\u0663\u0664 arabic-indic", "\u0967\u0968 devanagari", "\uff11\uff12 fullwidth",
    "\U0001d7d9 math",
]
PUNCTUATION = [
    "hello, world!", "wait...", "what?!", "(parentheses)", "[brackets]", "{braces}", "a:b;c",
    "a_b_c", "under__score", "snake_case and kebab-case", "#hashtag", "@mention", "a & b", "a&b",
    "100% sure", "c++", "c#", "f(x) = x^2", "path/to/file.png", "back\\slash", "tilde~", "`code`",
    "**bold**", "\"quoted\"", "'single'", "--prompt", "!!!", "?", "...", "a.b.c.",
    "http://example.com/?q=1&r=2#x", "user@example.com", "<tag>", "<b>bold</b>", "a < b > c", "a<b",
    "|", "||", "a | b", "\u201ccurly\u201d", "\u2018single curly\u2019", "it\u2019s curly",
    "en\u2013dash", "em\u2014dash", "ellipsis\u2026", "\xabguillemets\xbb",
    "\xbfqu\xe9? \xa1s\xed!", "bullet \u2022 point", "\u2190\u2191\u2192\u2193", "\xa9 \xae \u2122",
    "\u20ac5 \xa36 \xa57", "\xb0C", "\u2212 minus",
]
CONTRACTIONS = [
    "it's", "don't", "they're", "we've", "i'm", "you'll", "he'd", "IT'S", "DON'T", "they'RE", "'s",
    "'tis", "o'clock", "rock 'n' roll", "dogs'", "y'all'd've", "'''s", "a's b't c're", "'so",
    "'llama", "it's'", "can't've", "s's's", "'\u017f", "'\u017ftreet", "\u212aelvin",
]
ACCENTS = [
    "caf\xe9", "cafe\u0301", "na\xefve", "\xdcber", "stra\xdfe", "STRASSE \u1e9e", "\xc6on",
    "\u0152uvre", "\xc5ngstr\xf6m", "\u212bngstr\xf6m", "\u0141\xf3d\u017a", "\u0130stanbul",
    "\u0131\u015f\u0131k", "\xf1and\xfa", "ti\u1ebfng Vi\u1ec7t", "\u01c5",
    "\ufb01ne \ufb02ow o\ufb03ce", "e\u0301\u0323", "a\u0308\u0304", "\xb5m", "\xaa \xba",
]
SCRIPTS = [
    "\u65e5\u672c\u8a9e", "\u5bcc\u58eb\u5c71 at dawn", "\u6771\u4eac\u3001\u591c\u3002",
    "\u3072\u3089\u304c\u306a \u30ab\u30bf\u30ab\u30ca", "\uff76\uff80\uff76\uff85",
    "\uff26\uff35\uff2c\uff2c\uff37\uff29\uff24\uff34\uff28", "\ud55c\uad6d\uc5b4",
    "\u1112\u1161\u11ab", "\u4f60\u597d\uff0c\u4e16\u754c\uff01",
    "\u041a\u0440\u0430\u0441\u043d\u0430\u044f \u043f\u043b\u043e\u0449\u0430\u0434\u044c",
    "\u0399\u03a7\u0398\u03a5\u03a3",
    "\u039f\u0394\u039f\u03a3 \u039f\u0394\u03a5\u03a3\u03a3\u0395\u0391\u03a3",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
    "\u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd", "\u0928\u092e\u0938\u094d\u0924\u0947",
    "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
    "\u10d2\u10d0\u10db\u10d0\u10e0\u10ef\u10dd\u10d1\u10d0", "\u0532\u0561\u0580\u0565\u057e",
    "\u13a0\u13a1\u13a2", "\ua9a0\ua9b4", "\U00010400\U00010401", "\U00020000\U0002a6d6",
    "right\u200fto\u200eleft",
]
EMOJI = [
    "\U0001f600", "a \U0001f308 over the sea", "\u2764\ufe0f", "\u2764", "\U0001f44d\U0001f3fd",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1eb\U0001f1f7", "1\ufe0f\u20e3",
    "\U0001f3f4\u200d\u2620\ufe0f", "\u2600\ufe0e", "\u2728art\u2728", "\U0001f300\U0001f300!?",
]
ENTITIES = [
    "&amp;", "&amp;amp;", "&amp;amp;amp;", "cats &amp; dogs", "&lt;b&gt;", "&lt;3",
    "&quot;hi&quot;", "&#39;s", "it&#39;s", "&#x27;", "&nbsp;x&nbsp;", "&eacute;clair", "&EACUTE;",
    "caf&eacute", "&copy 2021", "&notit;", "&notanentity;", "&", "a &b; c", "&#0;", "&#128;",
    "&#x85;", "&#1114112;", "&#xd800;", "&#1;", "&#;", "&#x;", "&hellip;", "&mdash;",
    "&alpha;&beta;", "&NotEqualTilde;", "&amp;lt;", "&amp;#39;", "&AMP;", "&LT;tag&GT;",
    "<a href=\"x\">&amp;</a>", "&#x1f600;", "&#12354;",
]
MOJIBAKE = [
    "caf\xc3\xa9", "it\xe2\x80\x99s", "it\xe2\u20ac\u2122s", "\xe2\u20ac\u0153quoted\xe2\u20ac\x9d",
    "\xc3\xbcber", "\xf0\u0178\u02dc\x80", "\xc2\xa9 2020", "\xc3 la carte",
    "l\xe2\u20ac\u2122humanit\xc3\xa9", "\u0420\u045a\u0420\u0451\u0421\u0402",
]
SPECIAL = [
    "<|startoftext|>", "<|endoftext|>", "a<|endoftext|>b", "<|STARTOFTEXT|>", "<|endoftext",
    "<|other|>", "!<|endoftext|>",
]
LONG = [
    "pneumonoultramicroscopicsilicovolcanoconiosis",
    "Donaudampfschifffahrtsgesellschaftskapit\xe4n", "antidisestablishmentarianism", "a" * 60,
    "ab" * 40, "a-" * 30, "!" * 50, "\u6f22" * 20,
    "a painting of a red house and a green tree and a blue boat and a star and a pink flower",
]
LINES = (PLAIN + WHITESPACE + DIGITS + PUNCTUATION + CONTRACTIONS + ACCENTS + SCRIPTS + EMOJI
         + ENTITIES + MOJIBAKE + SPECIAL + LONG)
