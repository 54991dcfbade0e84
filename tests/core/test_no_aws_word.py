"""The core knows nothing of AWS."""

from __future__ import annotations

import re
from pathlib import Path

import stackworthy.core

WORDS = re.compile(
    r"\baws\b|lambda\b(?! )|dynamo|\bs3\b|\bsqs\b|cloudformation|\bsns\b|\biam\b|api ?gateway", re.IGNORECASE
)


def test_no_file_of_the_core_says_an_aws_word():
    found = []
    for file in Path(stackworthy.core.__file__).parent.glob("*.py"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if WORDS.search(re.sub(r'\blambda [\w, *]*:|"\.aws-sam"', "", line)):
                found.append(f"{file.name}:{number}: {line.strip()}")
    assert not found
