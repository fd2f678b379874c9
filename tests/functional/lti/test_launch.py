"""A launch from the course page to the tool's own page."""

from service.cohorts.models import Cohort, Launch, Member, Person
from tests.functional.lti.support import Lti, accepted


def test_a_launch_leads_to_the_placed_item(lti: Lti) -> None:
    answer = lti.launch()
    launch_id = accepted(answer)
    assert answer.location == f"/l/{launch_id}/ledarsteg/"
    assert (lti.only(Launch).id, lti.only(Person).name, lti.only(Cohort).title) == (
        launch_id,
        "Karin Lindqvist",
        "Enhetschefer 2026",
    )
    assert lti.only(Member).role.value == "manager"
