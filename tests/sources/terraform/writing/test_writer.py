"""What one fix changes in several places comes out as one would write it by hand."""

from __future__ import annotations

from pathlib import Path

from stackworthy.config import Options, load, merge
from stackworthy.remedy import Wanted, remedy

STAGE = """\
resource "aws_api_gateway_rest_api" "a" {
  name = "a"
}

resource "aws_api_gateway_stage" "a" {
  rest_api_id   = aws_api_gateway_rest_api.a.id
  deployment_id = "d"
  stage_name    = "prod"
}

resource "aws_api_gateway_method_settings" "a" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  stage_name  = aws_api_gateway_stage.a.stage_name
  method_path = "*/*"

  settings {
    logging_level = "INFO"
  }
}
"""


def test_arguments_that_one_fix_adds_stand_together(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(STAGE)
    settings = merge(load(str(tmp_path), root=None), Options())
    wanted = Wanted(rules=frozenset({"rest-stage-without-throttling"}), unsafe=True)
    after = remedy(tmp_path, settings, wanted).edits["main.tf"].decode()
    assert after == STAGE.replace(
        '"INFO"\n', '"INFO"\n\n    throttling_rate_limit  = 100\n    throttling_burst_limit = 200\n'
    )
