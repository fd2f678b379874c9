"""The parts of the look keep what they promise: words beside marks, labels that point, nothing inline, everything escaped."""

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template, render_template_string
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    Form,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired

pytestmark = pytest.mark.once


SERVICE = Path(__file__).parents[2] / "service"
EVIL = '"><script>x</script>'
VOID = {"meta", "link", "input", "br", "col", "use", "path", "rect", "circle", "line"}

Render = Callable[..., "Page"]


class Page(HTMLParser):
    """The elements of a page as (tag, attributes, text inside, tags around)."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.elements: list[SimpleNamespace] = []
        self._open: list[SimpleNamespace] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = SimpleNamespace(tag=tag, attrs=dict(attrs), text="", around=list(self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(SimpleNamespace(tag=tag, attrs=dict(attrs), text="", around=list(self._open)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop().tag == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, tag: str, **attrs: str) -> list[SimpleNamespace]:
        wanted = {key.strip("_").replace("_", "-"): value for key, value in attrs.items()}
        return [e for e in self.elements if e.tag == tag and wanted.items() <= e.attrs.items()]

    def one(self, tag: str, **attrs: str) -> SimpleNamespace:
        found = self.all(tag, **attrs)
        assert len(found) == 1, f"{len(found)} of {tag} {attrs} in {self.source}"
        return found[0]


def _translate(message: str) -> str:
    return message


@pytest.fixture
def app() -> Flask:
    app = Flask("look", static_folder=str(SERVICE / "static"), template_folder=str(SERVICE / "templates"))
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_translate, lambda one, many, n: one if n == 1 else many, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters["decimalformat"] = lambda number: f"{number:,}"
    return app


def _shell(**changes: Any) -> SimpleNamespace:
    values: dict[str, Any] = {
        "locale": "sv",
        "tabs": [
            SimpleNamespace(title="Idag", url="/idag", current=True),
            SimpleNamespace(title="Vanor", url="/vanor", current=False),
        ],
        "place": "Karin, chef",
        "in_frame": True,
        "csrf": "token<",
        "nonce": "n0nce",
        "foot": [
            SimpleNamespace(title="Vem ser vad", url="/who", method="get", current=False),
            SimpleNamespace(title="Lämna", url="/leave", method="post", current=False),
        ],
        "languages": [
            SimpleNamespace(code="sv", title="Svenska", url="/locale", current=True),
            SimpleNamespace(code="lv", title="Latviešu", url="/locale", current=False),
        ],
    }
    return SimpleNamespace(**(values | changes))


@pytest.fixture
def draw(app: Flask) -> Iterator[Render]:
    def render(source: str, **context: Any) -> Page:
        head = '{% import "stegvis/macros.html" as ui with context %}'
        page = Page(render_template_string(head + source, shell=_shell(), **context))
        _nothing_inline(page)
        return page

    with app.test_request_context():
        yield render


def _nothing_inline(page: Page) -> None:
    for element in page.elements:
        assert "style" not in element.attrs, element
        assert not [name for name in element.attrs if name.startswith("on")], element
        if element.tag == "script" and element.attrs.get("type") != "application/json":
            assert "src" in element.attrs
            assert not element.text.strip()


def _pointers_resolve(page: Page) -> None:
    ids = [e.attrs["id"] for e in page.elements if "id" in e.attrs]
    assert len(ids) == len(set(ids)), ids
    for element in page.elements:
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            for target in (element.attrs.get(name) or "").split():
                assert target in ids, (element.tag, name, target)


def _too_long(_form: Form, _field: Any) -> None:
    raise ValidationError("A day has 1,440 minutes. You wrote 1,500.")


class Example(Form):
    cue = StringField("If", description="A time or a place.", validators=[InputRequired()])
    minutes = IntegerField("Minutes", [InputRequired(), _too_long])
    note = TextAreaField("What happened?")
    due = DateField("Done by", [InputRequired()])
    kind = SelectField(
        "Kind", choices=[SelectChoice("a", "Aha"), SelectChoice("b", EVIL)], validators=[InputRequired()]
    )
    practise = BooleanField("Practise this")
    outcome = RadioField(
        "Call Lovisa",
        choices=[SelectChoice("done", "Done"), SelectChoice("not", "Not done")],
        validators=[InputRequired("Choose one.")],
    )
    answer = RadioField(
        "We wait.",
        choices=[SelectChoice("1", "not at all"), SelectChoice("5", "fully"), SelectChoice("na", "Cannot judge")],
    )


@pytest.fixture
def form() -> Example:
    example = Example(MultiDict({"cue": EVIL, "minutes": "1500", "due": "2027-01-18", "kind": "b", "answer": "5"}))
    assert not example.validate()
    return example


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("done", "done"),
        ("part", "partly"),
        ("skip", "skipped"),
        ("pause", "pause"),
        ("miss", "not done"),
        ("free", "nothing planned"),
        ("open", "not noted yet"),
        ("later", "later"),
        ("att", "needs you"),
        ("err", "error"),
    ],
)
def test_every_mark_has_its_shape_and_its_word(draw: Render, kind: str, word: str) -> None:
    page = draw("{{ ui.mark(kind) }}", kind=kind)
    assert page.one("span", _class="visually-hidden").text == word
    assert page.one("svg").attrs["aria-hidden"] == "true"
    symbols = (SERVICE / "templates/stegvis/symbols.svg.html").read_text()
    assert f'id="{page.one("use").attrs["href"][1:]}"' in symbols


def test_a_mark_beside_its_word_is_silent(draw: Render) -> None:
    assert not draw("{{ ui.mark('done', '') }}").all("span")


@pytest.mark.parametrize("kind", ["plain", "tint", "attention", "danger"])
def test_notices_escape_and_carry_their_action(draw: Render, kind: str) -> None:
    action = {"title": "Undo", "url": "/undo", "fields": {"id": EVIL}}
    page = draw("{{ ui.notice(kind, title, 'text', action) }}", kind=kind, title=EVIL, action=action)
    assert not page.all("script")
    form = page.one("form", action="/undo", method="post")
    assert page.one("input", name="csrf_token").attrs["value"] == "token<"
    assert page.one("input", name="id").attrs["value"] == EVIL
    assert form in page.one("button", type="submit").around


def test_what_just_happened_is_announced(draw: Render) -> None:
    assert draw("{{ ui.notice('tint', 'Off.') }}").all("div", role="status")
    assert not draw("{{ ui.notice('attention', 'Short.') }}").all("div", role="alert")
    assert draw("{{ ui.notice('attention', 'Short.', live=True) }}").one("div", role="alert").attrs["tabindex"] == "-1"


def test_an_invalid_field_says_so_before_the_control_and_keeps_its_value(draw: Render, form: Example) -> None:
    page = draw("{{ ui.field(form.minutes) }}", form=form)
    _pointers_resolve(page)
    control = page.one("input")
    assert control.attrs["value"] == "1500"
    assert control.attrs["aria-invalid"] == "true"
    assert control.attrs["aria-describedby"] == "minutes-error"
    error = page.one("p", id="minutes-error")
    assert "1,440" in error.text
    assert page.elements.index(error) < page.elements.index(control)


def test_fields_are_labelled_and_never_block_in_the_browser(draw: Render, form: Example) -> None:
    names = ["cue", "minutes", "note", "due", "kind", "practise"]
    page = draw("{% for name in names %}{{ ui.field(form[name]) }}{% endfor %}", form=form, names=names)
    _pointers_resolve(page)
    assert {e.attrs["for"] for e in page.all("label")} == set(names)
    assert not [e for e in page.elements if "required" in e.attrs]
    assert page.one("input", id="cue").attrs["value"] == EVIL
    assert not page.all("script")


def test_only_what_may_be_left_out_is_marked_optional(draw: Render, form: Example) -> None:
    assert "(optional)" in draw("{{ ui.field(form.note) }}", form=form).one("label").text
    assert "(optional)" not in draw("{{ ui.field(form.cue) }}", form=form).one("label").text
    assert "(optional)" not in draw("{{ ui.field(form.practise) }}", form=form).one("label").text


def test_a_missing_choice_is_marked_on_its_group(draw: Render, form: Example) -> None:
    page = draw("{{ ui.choice(form.outcome) }}", form=form)
    _pointers_resolve(page)
    group = page.one("fieldset", role="radiogroup")
    assert "missing" in group.attrs["class"].split()
    assert group.attrs["aria-invalid"] == "true"
    assert page.one("p", id="outcome-error").text == "Choose one."
    assert "Call Lovisa" in page.one("legend").text
    assert [e.attrs["value"] for e in page.all("input", type="radio", name="outcome")] == ["done", "not"]


def test_a_scale_counts_and_reads_its_prefix(draw: Render, form: Example) -> None:
    page = draw("{{ ui.scale(form.answer, 3, 24, 'fits') }}", form=form)
    assert page.one("legend").text == "3 of 24We wait."
    assert [e.text for e in page.all("label")] == ["fits not at all", "fits fully", "Cannot judge"]
    assert page.all("label")[2].attrs["class"] == "na"
    assert [e.attrs["value"] for e in page.all("input") if "checked" in e.attrs] == ["5"]


@pytest.mark.parametrize(
    ("on", "checked", "word", "posts"), [(True, "true", "On", "off"), (False, "false", "Off", "on")]
)
def test_a_switch_says_its_state_and_posts_the_other(
    draw: Render, *, on: bool, checked: str, word: str, posts: str
) -> None:
    page = draw("{{ ui.switch('ledarsteg', on, label, action='/switch') }}", on=on, label=EVIL)
    button = page.one("button", role="switch", type="submit", name="ledarsteg")
    assert (button.attrs["aria-checked"], button.attrs["value"], button.text) == (checked, posts, word)
    assert button.attrs["aria-label"] == EVIL
    assert page.one("form", method="post", action="/switch") in button.around
    assert page.all("input", name="csrf_token")


def test_a_locked_switch_gives_its_reason_and_no_control(draw: Render) -> None:
    page = draw("{{ ui.switch('x', True, 'LedarSteg', locked='closed') }}")
    assert not page.all("button")
    assert not page.all("input")
    assert "LedarSteg: On" in page.source.replace("</span>", "")
    assert page.one("span", _class="sv-sub").text == "closed"


def test_progress_counts_instead_of_a_percentage(draw: Render) -> None:
    page = draw("{{ ui.progress(2140, 4368, 'rows') }}")
    _pointers_resolve(page)
    assert page.one("p", _class="big").text == "2,140 of 4,368 rows"
    assert page.one("progress").attrs["max"] == "4368"
    assert "%" not in page.source


@pytest.mark.parametrize(
    ("state", "word"),
    [("queued", "Waiting for its turn"), ("done", "Ready"), ("failed", "Stopped"), ("gone", "Removed")],
)
def test_a_job_that_is_not_running_says_its_state(draw: Render, state: str, word: str) -> None:
    page = draw("{{ ui.progress(1, 3, 'rows', state) }}", state=state)
    assert word in page.one("p").text
    assert not page.all("progress")


def test_the_strip_is_a_table_whose_cells_speak(draw: Render) -> None:
    days = [
        {"weekday_short": "on", "weekday": "onsdag", "day": 11, "today": False},
        {"weekday_short": "to", "weekday": "torsdag", "day": 12, "today": True},
    ]
    rows = [{"title": EVIL, "url": "/v", "marks": ["done", "open"], "sum": "1 of 2"}]
    page = draw("<h2 id='h'>Two weeks</h2>{{ ui.strip(rows, days, 'h') }}", rows=rows, days=days)
    _pointers_resolve(page)
    assert page.one("table").attrs["role"] == "table"
    assert [e.text for e in page.all("td", role="cell")] == ["done", "not noted yet", "1 of 2"]
    assert [e.text for e in page.all("th", role="columnheader")][1:3] == ["ononsdag 11", "totorsdag 12"]
    assert page.one("th", aria_current="date").attrs["class"] == "now"
    assert [e.text for e in page.all("li")] == ["done", "not noted yet"]


def test_a_picture_carries_its_data_twice_and_escapes_it(draw: Render) -> None:
    chart = {"kind": "bar", "x": {"labels": ["</script>" + EVIL]}, "series": [{"name": "n", "data": [1]}]}
    page = draw(
        "{{ ui.picture('Hours', 'Most meetings.', chart, ['Kind', 'Hours'], [[evil, 1]], 'hours') }}",
        chart=chart,
        evil=EVIL,
    )
    _pointers_resolve(page)
    assert json.loads(page.one("script", type="application/json").text) == chart
    assert page.one("figure").attrs["data-chart"] == "bar"
    assert "open" in page.one("details").attrs, "without JavaScript the table is the picture"
    assert "hidden" in page.one("div", _class="sv-canvas").attrs
    assert page.one("th", scope="row").text == EVIL
    assert page.one("td").text == "1"


def test_tables_keep_their_roles_when_they_become_blocks(draw: Render) -> None:
    page = draw(
        "{{ ui.table_start('Cohorts', ['Cohort', {'title': 'Count', 'num': True}, {'title': 'Do', 'hidden': True}]) }}"
        "<tr role='row'>{{ ui.row_head('A', '/a', '42') }}{{ ui.withheld_cell(5, 'Count') }}{{ ui.cell('x', kind='err') }}</tr>"
        "{{ ui.table_end() }}"
    )
    assert [e.text for e in page.all("th", role="columnheader")] == ["Cohort", "Count", "Do"]
    withheld, failed = page.all("td", role="cell")
    assert withheld.attrs["data-label"] == "Count"
    assert "Not shown. Fewer than 5." in withheld.text
    assert "0" not in withheld.text
    assert failed.text == "errorx"
    assert {e.attrs.get("role") for e in page.elements if e.tag in {"table", "thead", "tbody", "tr"}} == {
        "table",
        "rowgroup",
        "row",
    }


def test_lists_say_their_state_in_words(draw: Render) -> None:
    items = [SimpleNamespace(state=s, kind="Goal", say=EVIL, url="/g", link="See") for s in ("done", "now", "later")]
    page = draw(
        "{{ ui.thread(items) }}{{ ui.ticks([(True, 'a'), (False, 'b')]) }}{{ ui.ticks([(False, 'c')], blocking=True) }}",
        items=items,
    )
    kinds = [e.text for e in page.all("p", _class="kind")]
    assert kinds == ["Finished: Goal", "Going on: Goal", "Coming: Goal"]
    assert [e.text for e in page.all("li")][3:] == ["in place: a", "not yet: b", "missing: c"]


def test_the_smaller_parts_escape_what_they_are_given(draw: Render) -> None:
    page = draw(
        "{{ ui.who_sees(x) }}{{ ui.fine(x) }}{{ ui.empty(x, x, '/a', x) }}{{ ui.unavailable(x, '7F3K-29QD') }}"
        "{{ ui.next_list([{'when': x, 'what': x, 'sub': x, 'url': '/a', 'link': x}]) }}{{ ui.plan(x, x) }}"
        "{{ ui.facts([(x, x, x)]) }}{{ ui.head(x, x, x, '/b', x) }}{{ ui.opener(x, 'p') }}{{ ui.group_row(x, 3) }}{{ ui.legend(['done']) }}",
        x=EVIL,
    )
    assert not page.all("script")
    assert page.source.count("&lt;script&gt;") == page.source.count("x&lt;/script&gt;") == 21
    assert "7F3K-29QD" in page.source
    assert "Who sees this?" in page.source


def _base(app: Flask, shell: SimpleNamespace | None, **context: Any) -> Page:
    source = '{% extends "stegvis/base.html" %}{% block title %}Idag{% endblock %}{% block content %}<h1>Idag</h1>{% endblock %}'
    with app.test_request_context():
        page = Page(render_template_string(source, shell=shell, **context))
    _nothing_inline(page)
    return page


def test_the_house_says_language_place_and_current_tab(app: Flask) -> None:
    page = _base(app, _shell())
    assert page.one("html").attrs == {"lang": "sv", "data-bs-theme": "light"}
    assert page.one("body").attrs == {"data-target": "iframe", "data-around": ""}
    assert page.one("title").text == "Idag \N{EN DASH} Stegvis"
    assert page.one("a", aria_current="page").text == "Idag"
    assert page.one("p", _class="sv-place").text == "Karin, chef"
    assert page.one("a", _class="sv-skip").attrs["href"] == "#main"
    assert page.one("main").attrs["id"] == "main"
    assert {e.attrs["nonce"] for e in page.all("script")} == {"n0nce"}
    assert all("defer" in e.attrs for e in page.all("script"))
    assert page.one("meta", name="csrf-token").attrs["content"] == "token<"


def test_what_changes_something_is_a_form_with_a_token(app: Flask) -> None:
    page = _base(app, _shell())
    assert {e.attrs["action"] for e in page.all("form", method="post")} == {"/leave", "/locale"}
    assert len(page.all("input", name="csrf_token")) == 2
    assert page.one("button", lang="lv").text == "Latviešu"
    assert not [e for e in page.all("button") if e.text == "Svenska"]
    assert page.one("a", href="/who").text == "Vem ser vad"


def test_in_a_window_of_its_own_the_device_decides(app: Flask) -> None:
    page = _base(app, _shell(in_frame=False))
    assert "data-bs-theme" not in page.one("html").attrs
    assert page.one("body").attrs == {}


def test_outside_a_launch_the_page_stands_alone(app: Flask) -> None:
    page = _base(app, None, lang="lv")
    assert page.one("html").attrs["lang"] == "lv"
    assert not page.all("nav")
    assert not page.all("footer")
    assert not page.all("script")
    assert not page.all("form")


def test_the_files_a_page_asks_for_exist(app: Flask) -> None:
    page = _base(app, _shell())
    asked = [e.attrs[key] for e in page.elements for key in ("src", "data-echarts", "data-charts") if key in e.attrs]
    asked += [e.attrs["href"] for e in page.all("link")]
    assert len(asked) == 7
    client = app.test_client()
    for address in asked:
        with client.get(address) as answer:
            assert answer.status_code == 200, address
    fonts = re.findall(r'url\("([^"]+\.woff2)"\)', (SERVICE / "static/stegvis.css").read_text())
    assert fonts
    assert all((SERVICE / "static" / font).is_file() for font in fonts)


def test_a_refusal_is_static(app: Flask) -> None:
    with app.test_request_context():
        page = Page(
            render_template(
                "stegvis/refusal.html",
                heading=EVIL,
                paragraphs=["What.", EVIL],
                code="expired",
                incident="7F3K",
                lang="sv",
            )
        )
    _nothing_inline(page)
    assert not page.all("script")
    assert not page.all("form")
    assert not page.all("button")
    assert "nonce" not in page.source
    assert page.one("html").attrs["lang"] == "sv"
    assert page.one("h1").text == EVIL
    assert "7F3K" in page.source
    assert "expired" in page.source


def test_the_way_round_blocked_cookies_opens_a_window(app: Flask) -> None:
    with app.test_request_context():
        page = Page(
            render_template(
                "stegvis/refusal_button.html",
                heading="Cookies",
                paragraphs=["What."],
                action="/login",
                method="post",
                fields={"iss": EVIL},
                button="Open",
                code="cookies",
                incident="7F3K",
                lang="en",
            )
        )
    form = page.one("form", action="/login", method="post", target="_blank")
    assert page.one("input", name="iss").attrs["value"] == EVIL
    assert form in page.one("button", type="submit").around
    assert not page.all("script")
    assert "7F3K" in page.source


@pytest.mark.parametrize("path", sorted((SERVICE / "static").rglob("*.*s")), ids=lambda path: path.name)
def test_front_end_files_name_no_source_map(path: Path) -> None:
    assert "sourceMappingURL" not in path.read_text(encoding="utf-8")


def test_the_lock_file_records_no_download_address() -> None:
    lock = json.loads((SERVICE.parent / "package-lock.json").read_text())
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    wanted = json.loads((SERVICE.parent / "package.json").read_text())
    pins = wanted["dependencies"] | wanted["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", pin) for pin in pins.values())
    assert all(lock["packages"][f"node_modules/{name}"]["version"] == pin for name, pin in pins.items())
