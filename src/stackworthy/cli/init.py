"""`stackworthy init`: a stackworthy.toml that explains itself."""

from __future__ import annotations

import click

EXAMPLES = """\b
Examples:
  stackworthy init
  stackworthy init infra/
"""

TEMPLATE = """\
# Settings of stackworthy for this folder and those below it; a file nearer to a stack wins over this one.
# Every line is a comment: take away the # of what you need. Options of the command line win over this file.

# Start from another settings file. Tables are merged, everything else is replaced. It must lie inside the root.
# extends = "../base.toml"

# Which rules take part: "recommended", or "strict" with the opinionated ones too.
# profile = "recommended"

# The least severity that makes a review fail: critical, high, medium, low, or never.
# fail_on = "high"

# Only these rules, or all but those (by id, former id, or another scanner's id such as CKV_AWS_50).
# rules = ["tracing-off"]
# skip = ["tracing-off"]

# Only rules of these pillars: security, reliability, performance, cost, operations, sustainability.
# pillars = ["security", "reliability"]

# The file of known findings, which fail nothing (stackworthy baseline writes it).
# baseline = "stackworthy-baseline.json"

# Folders of rules of your own. Those that lie in the reviewed tree load with --trust-rules only.
# own_rules = ["rules"]

# Only stacks of these formats: terraform, cloudformation (includes sam), sam, cdk, serverless, account.
# only_formats = ["cloudformation"]

# Terraform's variable files, in every environment.
# var_files = ["common.tfvars"]

# Values of template parameters, and of Terraform variables, in every environment.
# [parameters]
# LogLevel = "INFO"
# [variables]
# log_level = "INFO"

# One table for each way in which the stacks are deployed; each is judged, and findings name those they hold in.
# [environment.prod]
# parameters = { Stage = "prod" }
# parameter_files = ["prod.json"]    # as `aws cloudformation deploy --parameter-overrides file://` takes them
# samconfig = "prod"                 # the environment of samconfig.toml; the same name unless stated
# variables = { stage = "prod" }
# var_files = ["prod.tfvars"]
# workspace = "prod"                 # Terraform's
# region = "eu-central-1"            # where it is deployed, when the stack does not say
# profile = "strict"

# [environment.dev]
# samconfig = "dev"
# severity_cap = "low"               # nothing is more severe than this here

# What your team demands of every stack.
# [policy]
# required_tags = ["project", "owner"]
# allowed_regions = ["eu-central-1", "eu-west-1"]
# allowed_runtimes = ["python3.13", "nodejs22.x"]
# allowed_models = ["anthropic.claude-*"]

# Another severity for a rule.
# [policy.severity]
# tracing-off = "medium"

# What is different for some files; patterns as in .gitignore, the last that fits wins.
# [policy.paths."tests/**"]
# skip = true                        # not reviewed at all
# [policy.paths."legacy/"]
# skip_rules = ["tracing-off"]
# severity_cap = "medium"
# profile = "recommended"

# What the stacks are asked to do, for `stackworthy cost` and `plan`; `stackworthy workload init` names your own entry points.
# [workload]
# "GET /orders" = "60000/month"      # 5/s, 3/day/user, 50 peak/s

# The same with something different, to set beside the bill.
# [scenario.busy]
# scale = "10x"

# Your own prices: a file, a discount, another currency.
# [prices]
# discount = 5                       # per cent
# currency = "EUR"
# rate = 0.92                        # EUR for one USD

# The order of the plan's phases, and hours of effort that you know better.
# [plan]
# dearer_than_bill = false           # true: advice that costs more than the stacks do is shown too
# [plan.effort]
# batch-spot-migration = 16
"""


@click.command("init", epilog=EXAMPLES)
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False))
def command(folder: str) -> int:
    """Write a commented stackworthy.toml into FOLDER (default: this one); an existing one stays as it is."""
    import os

    from stackworthy.cli.errors import Refusal
    from stackworthy.config_file import FILE_NAME

    path = os.path.join(folder, FILE_NAME)
    try:
        with open(path, "x", encoding="utf-8") as stream:
            stream.write(TEMPLATE)
    except FileExistsError:
        raise Refusal(f"{path} exists already", "it stays as it is; edit it, or move it away first") from None
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}") from None
    click.echo(f"{path} is written; every setting in it is a comment until you take it up")
    return 0
