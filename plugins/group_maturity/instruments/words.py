"""What is wrong with an instrument, in words that help whoever wrote the file."""

from typing import Any

from service.contract import gettext as _


def in_words(error: Any) -> str:
    """Returns a sentence for one error of the schema (pydantic's own words where there is no better)."""
    context = error.get("ctx", {})
    sentences = {
        "missing": lambda: _("This part is missing."),
        "extra_forbidden": lambda: _("There is no such part; take it away or look at its spelling."),
        "model_type": lambda: _("This must be written as parts with names, not as a text or an expression."),
        "model_attributes_type": lambda: _("This must be written as parts with names, not as a text or an expression."),
        "dict_type": lambda: _("This must be written as parts with names, not as a text or an expression."),
        "tuple_type": lambda: _("This must be a list."),
        "string_type": lambda: _("This must be a text, in quotation marks."),
        "int_type": lambda: _("This must be a whole number."),
        "float_type": lambda: _("This must be a number."),
        "bool_type": lambda: _("This must be true or false."),
        "string_too_long": lambda: _("This is longer than %(max)s characters.", max=context["max_length"]),
        "string_too_short": lambda: _("This is empty."),
        "too_long": lambda: _("There are more than %(max)s here.", max=context["max_length"]),
        "greater_than_equal": lambda: _("This must be at least %(min)s.", min=f"{context['ge']:g}"),
        "less_than_equal": lambda: _("This must be at most %(max)s.", max=f"{context['le']:g}"),
        "literal_error": lambda: _("This must be one of: %(words)s.", words=str(context["expected"])),
    }
    if error["type"] == "value_error":
        return str(context["error"])
    say = sentences.get(error["type"])
    return say() if say else str(error["msg"])
