"""The one blueprint that all pages of the plugin hang on."""

from pathlib import Path

from flask import Blueprint

bp = Blueprint("group_maturity", __name__, template_folder=str(Path(__file__).parent.parent / "templates"))
