"""The bank of questions, as the training department keeps it for a cohort."""

from flask import request

from plugins.handledning.forms.bank import QuestionForm, question_data, theme_of
from plugins.handledning.forms.compare import differ
from plugins.handledning.operations.bank import bank, in_language, own_key, question, write_question
from plugins.handledning.routes.base import Answer, pages, party, posted, to
from plugins.handledning.texts import BANK
from service.contract import Conflict, current_launch, page, requires


@pages.get("/questions")
@requires("handledning.training")
def all_questions() -> Answer:
    """The bank, theme by theme."""
    language = current_launch().locale
    offered = bank(party().cohort)
    themes = [
        (
            theme.title[language],
            theme.theme,
            [(one, *in_language(one.words, language)) for one in offered if one.draft.theme == theme.theme],
        )
        for theme in BANK
    ]
    return page("handledning/questions.html", themes=themes)


@pages.route("/questions/new", methods=["GET", "POST"])
@requires("handledning.training")
def new_question() -> Answer:
    """A question of the training department's own."""
    form = QuestionForm(posted(), data={"theme": theme_of(request.args.get("theme", ""))})
    form.in_words_of(current_launch().locale)
    if request.method == "GET":
        form.fresh()
        return page("handledning/question.html", form=form, key="")
    if not form.validate():
        return page("handledning/question.html", form=form, key="", status=422)
    write_question(party(), own_key(form.row_id(party().cohort.id)), 0, form.draft())
    return to(".all_questions")


@pages.route("/questions/<key>", methods=["GET", "POST"])
@requires("handledning.training")
def one_question(key: str) -> Answer:
    """One question, to change or to retire."""
    there = question(party().cohort, key)
    language = current_launch().locale
    form = QuestionForm(posted(), data=question_data(there)).in_words_of(language)
    if request.method == "GET":
        return page("handledning/question.html", form=form, key=key)
    if not form.validate():
        return page("handledning/question.html", form=form, key=key, status=422)
    try:
        write_question(party(), key, form.seen, form.draft())
    except Conflict:
        saved = QuestionForm(data=question_data(there)).in_words_of(language)
        form.version.data = saved.version.data
        differing = differ([("", saved)], [("", form)])
        return page("handledning/question.html", form=form, key=key, status=409, differ=differing)
    return to(".all_questions", _anchor=form.theme.data)
