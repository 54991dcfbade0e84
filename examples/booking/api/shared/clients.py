"""SDK clients, made once for each environment of a function; they give up before the API does."""

import boto3
from botocore.config import Config

_PATIENCE = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3})

dynamodb = boto3.resource("dynamodb", config=_PATIENCE)
sqs = boto3.client("sqs", config=_PATIENCE)
sns = boto3.client("sns", config=_PATIENCE)
sts = boto3.client("sts", config=_PATIENCE)
ses = boto3.client("sesv2", config=_PATIENCE)
