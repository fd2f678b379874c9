"""What is where at the platform: Open edX's own addresses, short names for those a registration holds, and a few for tests."""

from campus import COOKIE, GRADEBOOK, PEOPLE, activity_key, begin_anew, settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from lti_consumer.api import get_lti_1p3_content_url, get_lti_1p3_launch_start_url
from lti_consumer.data import Lti1p3LaunchData
from lti_consumer.models import LtiAgsScore, LtiConfiguration, LtiDlContentItem
from lti_consumer.plugin import views


def start(request: HttpRequest) -> HttpResponse:
    """Signs a person in and sends her to the tool: `what=launch` opens what was placed, `choose` lets an author choose content."""
    who = request.GET["who"]
    person = PEOPLE[who]
    data = Lti1p3LaunchData(
        user_id=person.id, external_user_id=person.external_user_id, user_role=person.role, name=person.name,
        config_id=LtiConfiguration.objects.get().config_id, resource_link_id=activity_key(),
        launch_presentation_document_target="iframe", context_id=settings.TOOL["context_id"],
        context_type=["course_offering"], context_title=settings.TOOL["context_title"], context_label="CH1",
    )  # fmt: skip
    choosing = request.GET.get("what") == "choose"
    there = get_lti_1p3_launch_start_url(data, deep_link_launch=True) if choosing else get_lti_1p3_content_url(data)
    answer = HttpResponseRedirect(there)
    answer.set_cookie(COOKIE, who)
    return answer


def keys(request: HttpRequest) -> HttpResponse:
    """The platform's key set."""
    return views.public_keyset_endpoint(
        request, passport_id=LtiConfiguration.objects.get().lti_1p3_passport.passport_id
    )


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """The platform's token endpoint."""
    return views.access_token_endpoint(request, passport_id=LtiConfiguration.objects.get().lti_1p3_passport.passport_id)


@csrf_exempt
def anew(request: HttpRequest) -> HttpResponse:
    """Forgets what a tool has left here."""
    begin_anew(request.POST.get("ags_mode", "declarative"), names=request.POST.get("names", "yes") == "yes")
    return HttpResponse()


def left(_request: HttpRequest) -> HttpResponse:
    """What a tool has left here: content that was chosen, scores, and what of them reached the gradebook."""
    chosen = LtiDlContentItem.objects.order_by("id")
    scores = LtiAgsScore.objects.order_by("user_id")
    return JsonResponse({
        "content": [{"type": item.content_type, **item.attributes} for item in chosen],
        "scores": [
            {
                "user": score.user_id, "given": score.score_given, "maximum": score.score_maximum, "comment": score.comment,
                "activity": score.activity_progress, "grading": score.grading_progress, "at": score.timestamp.isoformat(),
                "line_item": score.line_item.label,
            }
            for score in scores
        ],
        "gradebook": GRADEBOOK,
    })  # fmt: skip


urlpatterns = [
    path("start", start),
    path("jwks", keys),
    path("auth", views.launch_gate_endpoint),
    path("token", token),
    path("anew", anew),
    path("left", left),
    path("api/", include("lti_consumer.plugin.urls", namespace="lti_consumer")),
]
