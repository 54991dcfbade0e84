"""A statement is added to a policy in whichever form the policy is written, and what it says already stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackworthy.config import Options, load, merge
from stackworthy.remedy import Remedy, Wanted, remedy

BUCKET = """\
resource "aws_s3_bucket" "b" {
  bucket = "images"
}

resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = POLICY
}
"""
ENCODED = """\
jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.b.arn}/*"
      },
    ]
  })"""
HEREDOC = """\
<<EOT
{
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
      "Action": "s3:GetObject",
      "Resource": "${aws_s3_bucket.b.arn}/*"
    }
  ]
}
EOT"""
DATA = """
data "aws_iam_policy_document" "b" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.b.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}
"""
FORMS = {
    "jsonencode": BUCKET.replace("POLICY", ENCODED),
    "heredoc": BUCKET.replace("POLICY", HEREDOC),
    "data source": BUCKET.replace("POLICY", "data.aws_iam_policy_document.b.json") + DATA,
}


def mended(folder: Path, text: str) -> Remedy:
    (folder / "main.tf").write_text(text)
    settings = merge(load(str(folder), root=None), Options())
    wanted = Wanted(rules=frozenset({"bucket-allows-plain-http"}), unsafe=True)
    return remedy(folder, settings, wanted)


@pytest.mark.parametrize("form", FORMS)
def test_a_statement_is_added_beside_those_that_are_there(form: str, tmp_path: Path) -> None:
    found = mended(tmp_path, FORMS[form])
    before = FORMS[form].split("\n")
    after = found.edits["main.tf"].decode().split("\n")
    assert [line for line in before if line not in after] == []
    assert any("DenyPlainHttp" in line for line in after)
    assert len(found.proposals) == 1


def test_a_heredoc_that_is_more_than_json_is_left_with_the_reason(tmp_path: Path) -> None:
    text = FORMS["heredoc"].replace('"s3:GetObject"', '%{ if true }"s3:GetObject"%{ endif }')
    found = mended(tmp_path, text)
    reasons = [item.reason for stack in found.stacks for item in stack.refused]
    assert found.edits == {}
    assert reasons == ["the heredoc holds more than JSON"]
