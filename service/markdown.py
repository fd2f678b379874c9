"""Markdown: the texts that an operator or a training department writes, turned into safe HTML.

CommonMark without raw HTML and without pictures; a link leads to https or mailto, or stays the words it was written as.
What the parser makes passes an allow-list before it is called safe, so that a fault in one of the two is not enough.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

SCHEMES = frozenset({"https", "mailto"})
TAGS = frozenset({
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong", "ul",
})  # fmt: skip
# The page has its own h1; four levels are enough for a text.
HEADINGS = {"h1": "h2", "h5": "h4", "h6": "h4"}
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def render(text: str) -> Markup:
    """Returns the HTML of a Markdown text. Whoever wrote it, nothing in it runs, loads or sends."""
    tokens = _PARSER.parse(text)
    _fit_headings(tokens)
    html = _PARSER.renderer.render(tokens, _PARSER.options, {})
    cleaned = nh3.clean(
        html, tags=set(TAGS), attributes={"*": set(), "a": {"href"}, "ol": {"start"}}, url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer", attribute_filter=_attribute,
    )  # fmt: skip
    return Markup(cleaned)  # noqa: S704 - cleaned on the line above


def escape(text: str) -> str:
    """Returns Markdown that reads as exactly this text, on one line."""
    return PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def _fit_headings(tokens: Sequence[Token]) -> None:
    for token in tokens:
        token.tag = HEADINGS.get(token.tag, token.tag)


def _attribute(_tag: str, name: str, value: str) -> str | None:
    return value if name != "href" or _may_link(value) else None


def _may_link(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(parts.netloc if parts.scheme == "https" else parts.path)


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the parser's own name
        return _may_link(url)


_PARSER = _Parser("commonmark", {"html": False}).disable(["html_block", "html_inline", "image"])
