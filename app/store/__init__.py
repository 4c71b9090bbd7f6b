"""The database: tables, migrations, the audit chain.

`Store` opens transactions; the functions that work in them are in the modules by table: `with store.writing() as c:
runs.start(c, run_id, worker)`.
"""

from app.store.engine import Store, make_engine

__all__ = ["Store", "make_engine"]
