"""Which KMS key a property names.

AWS manages one key for each service in an account. Its policy cannot be changed, so no other service or account can
use it: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
"""

from __future__ import annotations

from stackworthy.core.value import ABSENT, NotKnown, Partial, Unknown, Value


def is_managed(value: Value, service: str) -> bool:
    """Whether the value names the key that AWS manages for a service (`alias/aws/sqs`); raises `NotKnown`.

    A reference names a key or alias of somebody's own.
    """
    alias = f"alias/aws/{service}"
    if isinstance(value, Unknown):
        raise NotKnown(value.reason)
    if isinstance(value, Partial):
        return value.prefix.startswith(("arn:", "alias/")) and value.endswith(alias)
    return value is not ABSENT and isinstance(value, str) and value.endswith(alias)
