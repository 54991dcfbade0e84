"""Log lines as JSON, so that Logs Insights finds their fields."""

import json
import logging
import os

_KNOWN = ("booking_id", "day", "status", "count", "partner")


class _Json(logging.Formatter):
    def format(self, record):
        line = {"level": record.levelname, "message": record.getMessage()}
        line.update({name: getattr(record, name) for name in _KNOWN if hasattr(record, name)})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def logger(name):
    handler = logging.StreamHandler()
    handler.setFormatter(_Json())
    log = logging.getLogger(name)
    log.setLevel(os.environ.get("LOG_LEVEL", "INFO"))
    log.addHandler(handler)
    log.propagate = False
    return log
