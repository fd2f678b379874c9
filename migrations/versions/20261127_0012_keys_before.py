"""The keys persons had, while what they sealed is being sealed anew.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_key_before",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("master", sa.String(length=16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_key_before_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_key_before")),
    )


def downgrade() -> None:
    # What a key from before sealed would not open again: seal it anew first.
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM person_key_before")):
        raise RuntimeError("texts are being sealed anew: run `stegvis keys rotate-persons` to its end first")
    op.drop_table("person_key_before")
