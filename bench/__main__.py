"""`python -m bench [KEY]`: prints a JSON array of measurements. KEY chooses those that begin with it."""

import json
import sys

from bench import (
    coach,
    deliveries,
    door,
    exports,
    group_maturity,
    handledning,
    launch,
    ledarsteg,
    roster,
    startup,
    training,
)

MEASURES = {
    "launch.sqlite": launch.sqlite,
    "launch.postgresql": launch.postgresql,
    "door.sqlite": door.sqlite,
    "door.postgresql": door.postgresql,
    "roster.sqlite": roster.sqlite,
    "roster.postgresql": roster.postgresql,
    "deliveries.sqlite": deliveries.sqlite,
    "deliveries.postgresql": deliveries.postgresql,
    "group_maturity.report.sqlite": group_maturity.report_sqlite,
    "group_maturity.report.postgresql": group_maturity.report_postgresql,
    "group_maturity.aggregate.sqlite": group_maturity.aggregate_sqlite,
    "group_maturity.aggregate.postgresql": group_maturity.aggregate_postgresql,
    "group_maturity.submit.sqlite": group_maturity.submit_sqlite,
    "group_maturity.submit.postgresql": group_maturity.submit_postgresql,
    "handledning.plan_pdf.sqlite": handledning.plan_pdf_sqlite,
    "handledning.plan_pdf.postgresql": handledning.plan_pdf_postgresql,
    "handledning.coach_list.sqlite": handledning.coach_list_sqlite,
    "handledning.coach_list.postgresql": handledning.coach_list_postgresql,
    "handledning.note.sqlite": handledning.note_sqlite,
    "handledning.note.postgresql": handledning.note_postgresql,
    "handledning.rotate.sqlite": handledning.rotate_sqlite,
    "handledning.rotate.postgresql": handledning.rotate_postgresql,
    "ledarsteg.dashboard.sqlite": ledarsteg.dashboard_sqlite,
    "ledarsteg.dashboard.postgresql": ledarsteg.dashboard_postgresql,
    "ledarsteg.rollup.sqlite": ledarsteg.rollup_sqlite,
    "ledarsteg.rollup.postgresql": ledarsteg.rollup_postgresql,
    "ledarsteg.today.sqlite": ledarsteg.today_sqlite,
    "ledarsteg.today.postgresql": ledarsteg.today_postgresql,
    "dashboard.coach.sqlite": coach.sqlite,
    "dashboard.coach.postgresql": coach.postgresql,
    "exports.csv.sqlite": exports.csv_sqlite,
    "exports.csv.postgresql": exports.csv_postgresql,
    "exports.xlsx.sqlite": exports.xlsx_sqlite,
    "exports.xlsx.postgresql": exports.xlsx_postgresql,
    "dashboard.training.sqlite": training.sqlite,
    "dashboard.training.postgresql": training.postgresql,
    "startup": startup.first_page,
}


def main(only: str) -> None:
    chosen = [measure for key, measure in MEASURES.items() if key.startswith(only)]
    if not chosen:
        sys.exit(f"there is no measurement {only!r}; there are {', '.join(MEASURES)}")
    print(json.dumps([result.as_json() for measure in chosen for result in measure()], indent=1))


main(sys.argv[1] if len(sys.argv) > 1 else "")
