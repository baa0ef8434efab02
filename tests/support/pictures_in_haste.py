"""examples/celery in haste: the same tasks with shorter times, so that in a test everything comes that ever comes."""

from __future__ import annotations

import pictures

app = pictures.app
pictures.CALL = 8.0
pictures.FIRST_LOOK, pictures.LONGEST_PAUSE = 1, 4
pictures.FORGOTTEN = 15.0
pictures.fetch.default_retry_delay = 2
app.conf.broker_transport_options |= {
    "visibility_timeout": 12,
    "unacked_restore_interval": 1,
    "unacked_mutex_expire": 5,
}
app.conf.beat_schedule["sweep"] |= {"schedule": 2.0, "options": {"expires": 10}}
