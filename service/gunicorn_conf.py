"""How gunicorn serves the pages; also for `gunicorn -c python:service.gunicorn_conf "service.wsgi:app()"`.

One process with threads by default: requests wait for the database, not for the processor. More processes or machines
are the operator's choice; nothing lives in a process.
"""

from pathlib import Path

bind = "127.0.0.1:8000"
workers = 1
worker_class = "gthread"
threads = 8
# The application is made before the fork: a start that is refused is refused at once, and memory is shared.
preload_app = True
timeout = 60
graceful_timeout = 30
keepalive = 5
# Request lines hold a launch id and little else; nothing needs gunicorn's generous defaults.
limit_request_line = 8190
limit_request_fields = 100
# Addresses are not logged: they hold launch ids. What is worth knowing is logged by the service itself.
accesslog = None
# Should an operator switch it on, guests stay unknown in it.
logger_class = "service.access_log.AccessLog"
errorlog = "-"
loglevel = "warning"
proc_name = "stegvis"
# The heartbeat file must not lie on a disk that may stall.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn makes the file safely
control_socket_disable = True
