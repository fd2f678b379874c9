"""A practice LMS on a free port, and the tool registered with it."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from service.demo.config import LmsConfig
from service.demo.lms import running
from service.demo.practice import PracticeLms
from tests.functional.lti.placed import PLUGINS
from tests.functional.lti.support import OTHER_CLIENT, SECOND_DEPLOYMENT, TOOL, Lti


@pytest.fixture(scope="session")
def shared_lms() -> Iterator[PracticeLms]:
    with running(LmsConfig("http://localhost:0", TOOL, (SECOND_DEPLOYMENT, OTHER_CLIENT))) as lms:
        yield lms


@pytest.fixture
def lms(shared_lms: PracticeLms) -> Iterator[PracticeLms]:
    """The platform with its knobs as they were."""
    shared_lms.recorder.clear()
    keys = list(shared_lms.keys._keys)
    yield shared_lms
    shared_lms.faults.clear()
    shared_lms.clock_offset = 0.0
    shared_lms.keys._keys = keys


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The tool with two small plugins."""
    return make_app(plugins=PLUGINS)


@pytest.fixture
def lti(app: Flask, lms: PracticeLms) -> Lti:
    """The tool with this platform registered and its first deployment active."""
    found = Lti(app, lms)
    found.register()
    return found


@pytest.fixture
def other_lti(lti: Lti) -> Lti:
    """A second registration on the same issuer, of another organisation."""
    found = replace(lti, tool=OTHER_CLIENT, organisation_id=uuid.uuid4(), platform_id=uuid.uuid4())
    found.register()
    return found
