"""For migrations: an index that is built while the table is written to."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class AddIndexUnderWay(migrations.AddIndex):
    """As `AddIndex`; on PostgreSQL with CREATE INDEX CONCURRENTLY, which stops no payment.

    The migration must say `atomic = False`. Source: PostgreSQL documentation, CREATE INDEX.
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Build it, for this database in the way that is its own."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        schema_editor.add_index(model, self.index, concurrently=True)  # type: ignore[call-arg]
