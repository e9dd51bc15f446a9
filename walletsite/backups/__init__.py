"""Backups: one file that holds a copy of the database and a manifest that proves it.

The copying is done by the engines of the databases: `pg_dump` and `pg_restore`, and SQLite's online
backup. Ours is what goes around them: the manifest (`manifest.py`), the file (`archive.py`), what
a database holds (`inventory.py`). No key is ever in a backup, nor anybody's session.
"""
