import pytest
from tests.support.templates import Files

from stackworthy.sources.code.python_modules import resolve

FILES = Files(
    {
        "src/app.py": b"",
        "src/util.py": b"",
        "src/core/__init__.py": b"",
        "src/core/db.py": b"",
        "src/core/api/get.py": b"",
        "outside.py": b"",
    }
)


@pytest.mark.parametrize(
    ("importer", "module", "found"),
    [
        ("src/app.py", "util", "src/util.py"),
        ("src/app.py", "core", "src/core/__init__.py"),
        ("src/app.py", "core.db", "src/core/db.py"),
        ("src/core/db.py", "util", "src/util.py"),
        ("src/core/db.py", ".", "src/core/__init__.py"),
        ("src/core/db.py", ".db", "src/core/db.py"),
        ("src/core/api/get.py", "..db", "src/core/db.py"),
        ("src/core/api/get.py", "...util", "src/util.py"),
        ("src/core/db.py", "api.get", "src/core/api/get.py"),
        ("src/app.py", "requests", None),
        ("src/app.py", "..outside", None),
        ("src/app.py", "...........etc", None),
    ],
)
def test_a_module_lies_in_its_package_or_nowhere(importer, module, found):
    assert resolve(FILES, "src", importer, module) == found
