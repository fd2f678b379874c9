"""A word in every confidential text of coaching is nowhere else: not in the database's bytes, not in what is said, not in a row that moved."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from plugins.handledning import data
from plugins.handledning.declarations import CONFIDENTIAL
from plugins.handledning.models import Openness, ReadinessCheck
from service.contract import CannotOpen
from service.settings import Settings
from tests.contract.test_canary import bytes_of
from tests.plugins.handledning.everything import DIGITS, fill, texts_of
from tests.plugins.handledning.support import chosen
from tests.support import World


def test_every_confidential_text_is_written_and_sealed(
    world: World, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    two = chosen(world)
    everything = fill(two)
    texts = {f"{model.__tablename__}.{name}" for model in data.tables() for name in texts_of(model)}
    assert texts == CONFIDENTIAL
    assert {name for name, _kind, _text in everything.words} | {"TrustPulse", "ReadinessCheck"} >= {
        model.__name__ for model in data.tables() if texts_of(model)
    }
    raw, said = bytes_of(world.app, settings), capsys.readouterr()
    for word in everything.words.values():
        for form in (word.encode(), word.encode("utf-16-le"), word.encode().hex().encode(), word.lower().encode()):
            assert form not in raw, word
        assert word not in said.out + said.err
    assert not [
        path
        for path in Path(settings.data_dir).rglob("*")
        if any(word in path.name for word in everything.words.values())
    ]


def test_her_own_copy_has_every_text_of_hers_and_none_that_is_not(world: World) -> None:
    two = chosen(world)
    everything = fill(two)
    with two.reading():
        hers = repr(data.personal_data(two.manager_member.person))
        coachs = repr(data.personal_data(two.coach_member.person))
    for (name, kind, _text), word in everything.words.items():
        private_to_coach = name == "CoachProfile" or kind in ("coach", "coach_private")
        assert (word in hers) is not private_to_coach, (name, kind)
        assert (word in coachs) is (private_to_coach or (name, kind) == ("Note", "shared")), (name, kind)


@pytest.mark.parametrize("who", ["manager", "coach"])
def test_erasing_one_of_the_two_leaves_no_text_of_hers_and_all_of_the_others(world: World, who: str) -> None:
    two = chosen(world)
    everything = fill(two)
    person = two.manager_member.person if who == "manager" else two.coach_member.person
    with two.writing():
        erased = {one.name: one.rows for one in data.erase(person)}
    assert len(erased) == len(data.TITLES) - len(data.FRAMES) + 1
    with two.reading() as unit:
        left = {
            model.__name__: unit.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
            for model in data.tables() if texts_of(model)
        }  # fmt: skip
        keys = {
            column: unit.session.scalar(
                sa.select(sa.func.count()).select_from(model).where(getattr(model, column) == person.id)
            )
            for model in data.tables()
            for column in data._PEOPLE & set(sa.inspect(model).columns.keys())
        }
    assert set(keys.values()) == {0}
    if who == "manager":
        assert {name for name, count in left.items() if count} == {"CoachProfile"}
    else:
        gone = {name for name, count in left.items() if not count}
        assert gone == {"CoachProfile"}
        assert left["Note"] == 2  # the shared one is the manager's, without its writer
        assert left["EgoCheck"] == left["TrustPulse"] == 1
    assert everything


def test_a_text_in_another_row_or_column_or_table_is_refused_and_audited(world: World) -> None:
    two = chosen(world)
    with two.writing():
        from plugins.handledning import operations

        access = two.as_manager(lock=True)
        operations.write_openness(access, 0, operations.OpennessDraft(inside="Mine", outside="Not this"))
        operations.answer_readiness(access, (5, 5, 5))
    manager = two.enter(two.manager_member)
    path = f"/handledning/engagements/{two.engagement.id}"
    assert manager.get(f"{path}/openness").status_code == 200
    with two.writing() as unit:
        swap = sa.text("update handledning_openness set inside_sealed = outside_sealed")
        unit.session.execute(swap)
    answer = manager.get(f"{path}/openness")
    assert answer.status_code == 503
    assert "E-SEALED" in answer.text
    assert "Not this" not in answer.text
    with two.reading() as unit:
        row = unit.session.execute(
            sa.text("select outcome, reason, object_type, object_ref from audit_event where action = 'crypto.open'")
        ).one()
        openness = unit.session.scalars(sa.select(Openness)).one()
        assert row == ("error", "cannot_open", "handledning_openness.inside", str(openness.id))
        with pytest.raises(CannotOpen):
            _ = openness.inside
        assert unit.session.scalars(sa.select(ReadinessCheck)).one().answers == "555"
    assert DIGITS
