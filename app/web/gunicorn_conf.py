"""gunicorn's configuration, from ours."""

from pathlib import Path

from app.settings import load

_settings = load()

wsgi_app = "app.web.wsgi:application()"
bind = _settings.bind
workers = _settings.web_workers
worker_class = "gthread"
threads = _settings.web_threads
keepalive = 30
graceful_timeout = 5  # live pages reconnect by themselves; a webhook takes milliseconds
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
