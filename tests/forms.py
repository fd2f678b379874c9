"""Filling in whatever form a page shows: every text box gets the same word, everything else gets something that fits."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from tests.support import BASE, Browser

# What would end the visit, change its language, or open it elsewhere.
NOT_TO_PRESS = ("/leave", "/language", "/window")


@dataclass
class Form:
    """A form as a browser would send it, and which of its fields are free text."""

    action: str
    method: str
    values: dict[str, Any] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)

    def filled(self, text: str) -> dict[str, Any]:
        """The form's data with `text` in every text box."""
        return {**self.values, **dict.fromkeys(self.texts, text)}


class Page(HTMLParser):
    """The links and forms of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag == "form":
            self._form = Form(found.get("action", ""), found.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None and tag == "option" and self._select and found.get("value"):
            self._form.values[self._select] = found["value"]
        elif self._form is not None and found.get("name"):
            self._field(self._form, tag, found)

    def _field(self, form: Form, tag: str, found: dict[str, str]) -> None:
        name, kind = found["name"], found.get("type", "text")
        self._select = name if tag == "select" else self._select
        if tag == "textarea" or (tag == "input" and kind in ("text", "search") and found.get("inputmode") != "numeric"):
            form.texts.add(name)
        elif kind == "radio" or (tag == "button" and found.get("value")):
            form.values.setdefault(name, found["value"])
        elif kind == "checkbox":
            form.values.setdefault(name, found.get("value", "y"))
        elif kind in ("date", "datetime-local"):
            form.values[name] = found.get("value") or {"date": "2030-01-15"}.get(kind, "2030-01-15T13:00")
        elif kind == "time":
            # Where two are asked for, the second is later.
            form.values[name] = found.get("value") or f"1{3 + sum(':' in value for value in form.values.values())}:00"
        elif kind in ("number", "text"):
            form.values[name] = found.get("value") or "2"
        elif tag in ("input", "button"):
            form.values[name] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""


def write_everywhere(browser: Browser, text: str, *, most: int = 80) -> Iterator[tuple[str, int]]:
    """Follows every link of a launch and sends every form it meets, with `text` in each box. Yields address and status."""
    waiting, seen, sent = [browser.path + "/"], 0, set()
    done: set[str] = set()
    while waiting and seen < most:
        path = waiting.pop(0)
        if path in done:
            continue
        done.add(path)
        seen += 1
        shown = [(path, browser.get(path.removeprefix(browser.path)))]
        while shown:
            where, answer = shown.pop()
            if answer.status_code != 200 or answer.mimetype != "text/html":
                continue
            parsed = Page(answer.text)
            waiting += [link.split("#")[0] for link in parsed.links if link.startswith(browser.path + "/")]
            for form in parsed.forms:
                action = form.action or where
                shape = (action, frozenset(form.values), frozenset(form.texts))
                if (
                    form.method != "post"
                    or shape in sent
                    or action.endswith(NOT_TO_PRESS)
                    or not action.startswith(browser.path + "/")
                ):
                    continue
                sent.add(shape)
                after = browser.post(action.removeprefix(browser.path), form.filled(text))
                yield action.removeprefix(browser.path), after.status_code
                # A form in several steps answers with the next; one that saved sends on to a page that has changed.
                shown.append((action, after))
                there = after.headers.get("Location", "").removeprefix(BASE)
                if there:
                    done.discard(there)
                    waiting.append(there)
