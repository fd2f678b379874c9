"""Open edX as a learning platform over HTTP. Runs in an environment of its own; see `environment.py`.

Everything of LTI is Open edX's own code with its own database tables: the login initiation, the authorization endpoint, the token
endpoint, deep linking and what it accepts of it, line items, scores and the membership service. `campus.py` stands in for the rest of
Open edX (courses, people, the gradebook), and `addresses.py` says what is where.

One JSON object on the command line configures it: `login_url`, `launch_url`, `keyset_url`, `client_id`, `context_id`, `context_title`.
It prints its address when it listens, and ends when its standard input closes.
"""

import json
import os
import sys
import threading
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django
from django.conf import settings

# The identifier of a placed activity, as Open edX has it in its settings.
USAGE_ID_PATTERN = r"(?P<usage_id>(?:i4x://?[^/]+/[^/]+/[^/]+/[^@]+(?:@[^/]+)?)|(?:[^/]+))"


class Quiet(WSGIRequestHandler):
    """Says nothing: what is asked holds names. A connection that says nothing must not stop the others."""

    timeout = 10

    def log_message(self, *_args: Any) -> None:
        pass


def configure(issuer: str, tool: dict[str, Any]) -> None:
    """Sets up Django with Open edX's application in it, and its tables in memory."""
    settings.configure(
        PLATFORM_NAME="Open edX",
        LMS_ROOT_URL=issuer,
        TOOL=tool,
        SECRET_KEY="only for tests",
        ALLOWED_HOSTS=["localhost"],
        USE_TZ=True,
        LANGUAGE_CODE="en",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USAGE_ID_PATTERN=USAGE_ID_PATTERN,
        ROOT_URLCONF="addresses",
        MIDDLEWARE=["edx_django_utils.cache.middleware.RequestCacheMiddleware", "campus.who_is_there"],
        INSTALLED_APPS=[
            "django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "django_filters", "config_models", "lti_consumer",
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        LOGGING_CONFIG=None,
    )  # fmt: skip
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    import campus

    campus.open_doors()


def main() -> None:
    """Serves until standard input closes. One request at a time: the database in memory is one thread's own."""
    with WSGIServer(("127.0.0.1", 0), Quiet) as server:
        issuer = f"http://localhost:{server.server_port}"
        configure(issuer, json.loads(sys.argv[1]))
        from django.core.wsgi import get_wsgi_application

        server.set_app(get_wsgi_application())
        threading.Thread(target=_end_with_input, daemon=True).start()
        print(issuer, flush=True)
        server.serve_forever()


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
