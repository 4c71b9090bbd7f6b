"""gunicorn's configuration, from ours."""

import os
from pathlib import Path

from app.settings import load
from app.web.launch import EMBEDDED_WORKER

_settings = load()
_embedded = os.environ.get(EMBEDDED_WORKER) == "1"

wsgi_app = "app.web.wsgi:application()"
bind = _settings.bind
workers = 1 if _embedded else _settings.web_workers
worker_class = "gthread"
threads = _settings.web_threads
keepalive = 30
graceful_timeout = 15 if _embedded else 5  # live pages reconnect by themselves; a webhook takes milliseconds
timeout = 60  # of the process's own heartbeat, not of a request
backlog = 512
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
control_socket_disable = True
preload_app = False  # connections and clients do not survive a fork
# gunicorn's heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn makes it safely
accesslog = None  # addresses hold sign-in tokens
loglevel = "warning" if _settings.log_level == "info" else _settings.log_level
proc_name = "mergelock-web"


if _embedded:
    # One process for all: the only web process judges as well. It starts after the fork, and ends before the process.
    from app.web.embedded import post_worker_init, worker_exit  # noqa: F401 - gunicorn's hooks
