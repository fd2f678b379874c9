"""A plugin that has nothing but an export: as many rows as it is told, of every kind a cell can be."""

from datetime import date

from service.access import Permission, Role
from service.contract import Cell, CohortReport, Column, Count, Export, Manifest, hook
from service.contract.records import ExportScope

COACH = frozenset({Role.COACH})
rows_wanted = 7


def row(number: int) -> list[object]:
    return [f"Namn {number} åäö ā", number, number / 4, date(2026, 11, 22), None, "=1+1"]


@hook
def manifest() -> Manifest:
    return Manifest(
        key="rows", title="Rows", summary="Rows", permissions=(Permission("rows.see", COACH),),
    )  # fmt: skip


@hook
def exports(cohort) -> list[Export]:
    return [
        Export(
            key="all", title="All rows: each/one", contains="every row", readers="You.", roles=COACH,
            headers=lambda scope: ["Text", "Count", "Part", "Day", "Nothing", "Sum"],
            count=lambda scope: rows_wanted, rows=_rows,
        )
    ]  # fmt: skip


def _rows(scope: ExportScope):
    return (row(number) for number in range(rows_wanted))


@hook
def cohort_report(cohort, members, audience) -> CohortReport:
    if audience is Role.TRAINING:
        return CohortReport(
            counts=[
                Count("few", "Few", 4),
                Count("many", "Many", 5),
                Count("none", "None", 0),
                Count("most", "Most", 8),
            ]
        )
    cells = {
        member.id: {"steps": Cell(number, str(number)), "share": Cell(0.25, "25 %"), "said": Cell(None, "Not shared")}
        for number, member in enumerate(members)
    }
    return CohortReport(
        columns=[Column("steps", "Steps", "number"), Column("share", "Share", "share"), Column("said", "Said")],
        cells=cells,
    )
