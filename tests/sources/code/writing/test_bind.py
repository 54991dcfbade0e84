"""Values of a query are sent apart from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.sources.code.writing.editing import Mended, run_python

from stackworthy.core.patch import CannotWrite

RULE = "sql-from-event"


def python(query: str, module: str = "psycopg2", before: str = "") -> str:
    first = f"    {before}\n" if before else ""
    return (
        f"import {module}\n\nconnection = {module}.connect('shop')\n\ndef handler(event, context):\n"
        f"    cursor = connection.cursor()\n{first}    cursor.execute({query})\n    return cursor.fetchall()\n"
    )


@pytest.mark.parametrize(
    ("module", "query", "expected"),
    [
        (
            "psycopg2",
            "f\"SELECT * FROM users WHERE name = '{event['name']}'\"",
            "'SELECT * FROM users WHERE name = %s', (event['name'],)",
        ),
        (
            "pymysql",
            "f\"DELETE FROM users WHERE a LIKE 'x%' AND id = {event['id']}\"",
            "\"DELETE FROM users WHERE a LIKE 'x%%' AND id = %s\", (event['id'],)",
        ),
        (
            "sqlite3",
            "\"UPDATE users SET name = '\" + event['name'] + \"' WHERE id = \" + str(event['id'])",
            "'UPDATE users SET name = ? WHERE id = ?', (event['name'], event['id'])",
        ),
        (
            "sqlite3",
            'f"""\n        SELECT *\n        FROM users WHERE id = {event["id"]}\n    """',
            '"""\n        SELECT *\n        FROM users WHERE id = ?\n    """, (event["id"],)',
        ),
    ],
)
def test_a_query_of_python_gets_marks_and_parameters(module: str, query: str, expected: str) -> None:
    mended = Mended(RULE, python(query, module))
    assert mended.text == python(expected, module)
    assert not mended.still_found()


@pytest.mark.parametrize(
    ("module", "query", "expected"),
    [
        (
            "pg",
            "`SELECT * FROM users WHERE id = ${event.id} AND name = '${event.name}'`",
            '"SELECT * FROM users WHERE id = $1 AND name = $2", [event.id, event.name]',
        ),
        (
            "mysql2",
            "`SELECT *\n    FROM users WHERE id = ${event.id}`",
            "`SELECT *\n    FROM users WHERE id = ?`, [event.id]",
        ),
        (
            "pg",
            '"SELECT * FROM users WHERE id = " + event.id',
            '"SELECT * FROM users WHERE id = $1", [event.id]',
        ),
    ],
)
def test_a_query_of_typescript_gets_marks_and_parameters(module: str, query: str, expected: str) -> None:
    code = f'import {{ Client }} from "{module}";\n\nconst client = new Client();\n\nexport const handler = async (event: any) => {{\n  return client.query(QUERY);\n}};\n'
    mended = Mended(RULE, code.replace("QUERY", query), file="src/app.ts")
    assert mended.text == code.replace("QUERY", expected)
    assert not mended.still_found()


def test_a_query_in_a_variable_of_its_own_is_marked_there() -> None:
    before = "sql = f\"SELECT * FROM users WHERE id = {event['id']}\""
    after = "sql = 'SELECT * FROM users WHERE id = %s'"
    assert Mended(RULE, python("sql", before=before)).text == python("sql, (event['id'],)", before=after)


def test_the_same_rows_are_found_and_no_others(tmp_path: Path) -> None:
    code = """\
        import sqlite3

        connection = sqlite3.connect(":memory:")

        def handler(event, context):
            cursor = connection.cursor()
            cursor.execute(f"SELECT name FROM users WHERE name = '{event['name']}' AND age = {event['age']}")
            return cursor.fetchall()
    """
    mended = Mended(RULE, code)
    driver = """
        import app, json
        app.connection.executescript("CREATE TABLE users (name, age); INSERT INTO users VALUES ('ann', 3), ('bob', 4)")
        print(json.dumps([app.handler({"name": name, "age": 3}, None) for name in ("ann", "x' OR 'a' = 'a' --")]))
    """
    results = []
    for name, text in (("before", mended.before), ("after", mended.after)):
        (tmp_path / name).mkdir()
        results.append(run_python(text, tmp_path / name, driver))
    assert results[0] == [[["ann"]], [["ann"], ["bob"]]]
    assert results[1] == [[["ann"]], []]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("f\"SELECT * FROM {event['table']} WHERE id = 1\"", "takes no parameter"),
        ("f\"SELECT * FROM users WHERE id IN ({event['ids']})\"", "takes no parameter"),
        ("f\"SELECT * FROM users WHERE a = 1 ORDER BY a, {event['by']}\"", "takes no parameter"),
        ("f\"INSERT INTO users ({event['columns']}) VALUES (1)\"", "takes no parameter"),
        ("f\"SELECT * FROM users WHERE name = '{event['name']} esq'\"", "part of a text"),
        ("f\"SELECT * FROM users WHERE id = {event['id']:>5}\"", "is formatted"),
        ("f\"SELECT * FROM users WHERE a = 'b' AND \\\"c\\\" = {event['id']}\"", "."),
        ("f\"SELECT * FROM users WHERE id = {event['id']} AND a = %s\", (1,)", "has parameters already"),
        ("\"SELECT * FROM users WHERE id = {}\".format(event['id'])", "not put together in one place"),
    ],
)
def test_what_is_no_whole_value_is_refused_with_the_reason(query: str, reason: str) -> None:
    with pytest.raises(CannotWrite, match=reason):
        Mended(RULE, python(query))
