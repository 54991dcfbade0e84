"""One JSON object per log line, with the request that it belongs to."""

import json
import logging

from modules import config

_request = {}
_STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "aws_request_id"}


class JsonFormatter(logging.Formatter):
    def format(self, record):
        line = {"level": record.levelname, "logger": record.name, "message": record.getMessage(), **_request}
        line.update({key: value for key, value in record.__dict__.items() if key not in _STANDARD})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def setup():
    root = logging.getLogger()
    root.setLevel(config.LOG_LEVEL)
    if not root.handlers:
        root.addHandler(logging.StreamHandler())
    for handler in root.handlers:
        handler.setFormatter(JsonFormatter())
    # botocore logs headers, tokens included, at DEBUG
    logging.getLogger("botocore").setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.WARNING)


def bind(**fields):
    if "request_id" in fields:
        _request.clear()
    _request.update(fields)
