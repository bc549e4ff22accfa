"""How the service runs in its container. Everything that differs between places comes from the environment."""

import os

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
worker_tmp_dir = "/dev/shm"  # a heartbeat on a slow disk looks like a frozen worker
graceful_timeout = 8  # below the ten seconds that docker waits before it kills
accesslog = "-"
control_socket_disable = True  # nobody steers a container from inside
