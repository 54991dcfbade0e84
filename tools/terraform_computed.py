"""Write sources/terraform/computed.py from the AWS provider's schema.

    python tools/terraform_computed.py aws-provider-VERSION.json.gz

The input is the output of `terraform providers schema -json` (gzipped) for one version of the provider.
"""

from __future__ import annotations

import gzip
import json
import sys
import textwrap
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "src/stackworthy/sources/terraform/computed.py"
HEAD = '''"""Names of attributes that the AWS provider computes and that are lists, sets, maps or objects in every type that has them.

Made by tools/terraform_computed.py from the schema of the AWS provider {version}; do not edit.
"""

from __future__ import annotations

_COLLECTIONS = """
{names}
"""
_OPTIONAL = """
{optional}
"""
COLLECTIONS = frozenset(_COLLECTIONS.split())
OPTIONAL = frozenset(_OPTIONAL.split())
"""Names of arguments that no type computes: where one is not stated, it is null."""
'''


def main(path: str) -> None:
    """Read the schema and write the module."""
    with gzip.open(path, "rt") as stream:
        providers = json.load(stream)["provider_schemas"]
    collections: set[str] = set()
    scalars: set[str] = set()
    optional: set[str] = set()
    for provider in providers.values():
        for resource in provider["resource_schemas"].values():
            for name, attribute in resource["block"].get("attributes", {}).items():
                if attribute.get("computed"):
                    plural = "nested_type" in attribute or not isinstance(attribute["type"], str)
                    (collections if plural else scalars).add(name)
                elif attribute.get("optional"):
                    optional.add(name)
    version = Path(path).name.removeprefix("aws-provider-").removesuffix(".json.gz")
    TARGET.write_text(
        HEAD.format(
            version=version,
            names=_words(collections - scalars),
            optional=_words(optional - collections - scalars),
        )
    )


def _words(names: set[str]) -> str:
    return textwrap.fill(" ".join(sorted(names)), 108)


if __name__ == "__main__":
    main(sys.argv[1])
