"""Open edX as a learning platform over HTTP. Runs in an environment of its own; see `environment.py`.

Everything that makes a launch is Open edX's: `LtiAdvantageConsumer` writes the login initiation, checks what the tool sent to the
authorization endpoint, signs the id_token and hands out access tokens, and its own template carries the token to the tool.
Here is only what a web server must do around it. One JSON object on the command line configures it:
`login_url`, `launch_url`, `redirect_uris`, `keyset_url`, `client_id`, `deployment_id`, `context_id`, `context_title`.
It prints its address when it listens, and ends when its standard input closes.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

settings.configure(
    PLATFORM_NAME="Open edX",
    SECRET_KEY="only for tests",
    USE_TZ=True,
    LANGUAGE_CODE="en",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "lti_consumer"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
)
django.setup()

from django.template.loader import render_to_string  # noqa: E402 - Open edX is imported into a configured Django
from lti_consumer.data import Lti1p3LaunchData  # noqa: E402
from lti_consumer.lti_1p3.constants import LTI_1P3_CONTEXT_TYPE  # noqa: E402
from lti_consumer.lti_1p3.consumer import LtiAdvantageConsumer  # noqa: E402
from lti_consumer.lti_1p3.exceptions import Lti1p3Exception  # noqa: E402
from lti_consumer.utils import get_data_from_cache  # noqa: E402

PEOPLE = {
    "learner": {"role": "student", "user_id": "0b9c3c1e-8a68-4a3c-9b0f-6f4f3f1a7c01", "name": "Astrid Lind"},
    "instructor": {"role": "instructor", "user_id": "0b9c3c1e-8a68-4a3c-9b0f-6f4f3f1a7c02", "name": "Björn Ek"},
    # Private by default: Open edX sends names only where the course may share them.
    "nameless": {"role": "student", "user_id": "0b9c3c1e-8a68-4a3c-9b0f-6f4f3f1a7c03", "name": None},
}
FORMS = "text/html; charset=utf-8"


class OpenEdx:
    """One registration of the tool at an Open edX site. A consumer is made for each request, as Open edX does."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.issuer = ""
        self.pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def consumer(self) -> LtiAdvantageConsumer:
        """Returns Open edX's side of the registration."""
        return LtiAdvantageConsumer(
            iss=self.issuer, lti_oidc_url=self.config["login_url"], lti_launch_url=self.config["launch_url"],
            client_id=self.config["client_id"], deployment_id=self.config["deployment_id"], rsa_key=self.pem.decode(),
            rsa_key_id="openedx-1", redirect_uris=self.config["redirect_uris"], tool_keyset_url=self.config["keyset_url"],
        )  # fmt: skip

    def login(self, who: str) -> str:
        """Returns the address of the tool's login, with the parameters that Open edX gives it."""
        person = PEOPLE[who]
        return str(self.consumer().prepare_preflight_url(Lti1p3LaunchData(
            user_id=person["user_id"], user_role=person["role"], name=person["name"], config_id="1",
            resource_link_id=self.config.get("resource_link_id", "block-v1:Stegvis+CH1+2026+type@lti_consumer+block@1"),
            launch_presentation_document_target="iframe", context_id=self.config["context_id"],
            context_title=self.config["context_title"],
        )))  # fmt: skip

    def answer(self, asked: dict[str, str]) -> tuple[int, str]:
        """Returns what Open edX answers a tool's authentication request with: the form with the token, or a refusal."""
        launch = get_data_from_cache(asked.get("lti_message_hint", ""))
        if launch is None or asked.get("login_hint") != launch.user_id:
            return 400, "no such launch"
        consumer = self.consumer()
        consumer.set_user_data(launch.user_id, launch.user_role, full_name=launch.name)
        consumer.set_resource_link_claim(launch.resource_link_id)
        consumer.set_launch_presentation_claim(document_target=launch.launch_presentation_document_target)
        consumer.set_context_claim(
            launch.context_id, [LTI_1P3_CONTEXT_TYPE.course_offering], launch.context_title, "CH1"
        )
        consumer.enable_ags(lineitems_url=f"{self.issuer}/lineitems")
        consumer.enable_nrps(f"{self.issuer}/memberships")
        try:
            message = consumer.generate_launch_request(asked)
        except Lti1p3Exception as error:
            return 400, type(error).__name__
        context = {"launch_url": asked["redirect_uri"], "launch_request": message}
        return 200, render_to_string("html/lti_1p3_launch.html", context)

    def token(self, asked: dict[str, str]) -> tuple[int, str]:
        """Returns an access token for a client assertion that Open edX could verify with the tool's published keys."""
        try:
            return 200, json.dumps(self.consumer().access_token(asked))
        except Exception as error:  # noqa: BLE001 - whatever Open edX raises for a bad assertion is a refusal
            return 400, json.dumps({"error": "invalid_client", "error_description": type(error).__name__})


class Handler(BaseHTTPRequestHandler):
    """Carries requests to Open edX."""

    platform: OpenEdx

    def do_GET(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self._route(asked)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        self._route({name: values[0] for name, values in parse_qs(body).items()})

    def _route(self, asked: dict[str, str]) -> None:
        path = urlsplit(self.path).path
        if path == "/start" and asked.get("who") in PEOPLE:
            self.send_response(302)
            self.send_header("Location", self.platform.login(asked["who"]))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path == "/jwks":
            self._say(200, json.dumps(self.platform.consumer().get_public_keyset()), "application/json")
        elif path == "/auth":
            self._say(*self.platform.answer(asked), FORMS)
        elif path == "/token":
            self._say(*self.platform.token(asked), "application/json")
        else:
            self._say(404, "", "text/plain")

    def _say(self, status: int, body: str, kind: str) -> None:
        raw = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_args: Any) -> None:
        """Says nothing: what is asked holds names."""


def main() -> None:
    """Serves until standard input closes."""
    platform = OpenEdx(json.loads(sys.argv[1]))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"platform": platform}))
    platform.issuer = f"http://localhost:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(platform.issuer, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
