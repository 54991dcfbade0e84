"""Writes src/stackworthy/sources/code/data/sdk.json from botocore's service models: what SDKs call each service and its operations.

    python tools/make_sdk_services.py          # write it
    python tools/make_sdk_services.py --check  # fail when it is stale

For each service that boto3 knows: `js` the package of the SDK for JavaScript v3 without "client-", `v2` the class of version 2, `iam` the
prefix of its actions, and `odd` the methods whose operation is not their words put together.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

import botocore.session
from botocore import xform_name

TARGET = Path(__file__).parent.parent / "src/stackworthy/sources/code/data/sdk.json"
IAM = {
    "monitoring": "cloudwatch",
    "email": "ses",
    "sesv2": "ses",
    "iotdata": "iot",
    "iot-jobs-data": "iot",
    "streams.dynamodb": "dynamodb",
    "elasticfilesystem": "elasticfilesystem",
    "bedrock-runtime": "bedrock",
    "tagging": "tag",
}
"""Signing names -> prefixes of actions, where they differ."""


def made() -> dict[str, Any]:
    """The table, by boto3's name of a service."""
    session = botocore.session.get_session()
    services: dict[str, Any] = {}
    for name in session.get_available_services():
        model = session.get_service_model(name)
        found = str(model.service_id)
        signing = model.metadata.get("signingName") or model.metadata["endpointPrefix"]
        services[name] = {
            "js": re.sub(r"[^a-z0-9]+", "-", found.lower()).strip("-"),
            "v2": found.replace(" ", ""),
            "iam": IAM.get(signing, signing),
        }
        odd = {
            xform_name(operation): operation
            for operation in model.operation_names
            if "".join(word.capitalize() for word in xform_name(operation).split("_")) != operation
        }
        if odd:
            services[name]["odd"] = odd
    return services


def main() -> int:
    """Write the table, or compare it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is stale")
    arguments = parser.parse_args()
    text = json.dumps(made(), separators=(",", ":"), sort_keys=True) + "\n"
    if arguments.check:
        if TARGET.read_text(encoding="utf-8") != text:
            print("sdk.json is stale: run tools/make_sdk_services.py")
            return 1
        return 0
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
