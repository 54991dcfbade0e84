"""Work that a handler starts is waited for."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.sources.code.writing.editing import NODE, Mended, run_node, run_python

RULE = "work-not-awaited"


def test_a_coroutine_of_python_is_awaited(tmp_path: Path) -> None:
    code = """\
        import asyncio

        done = []

        def handler(event, context):
            return asyncio.run(main(event))

        async def main(event):
            save(event)  # kept
            return {"statusCode": 202}

        async def save(event):
            done.append(event["id"])
    """
    mended = Mended(RULE, code)
    assert mended.text == mended.before.decode().replace("    save(event)", "    await save(event)")
    driver = (
        "import app, json\nanswer = app.handler({'id': 7}, None)\nprint(json.dumps([answer, app.done]))\n"
    )
    results = []
    for name, text in (("before", mended.before), ("after", mended.after)):
        (tmp_path / name).mkdir()
        results.append(run_python(text, tmp_path / name, driver))
    assert results == [[{"statusCode": 202}, []], [{"statusCode": 202}, [7]]]


@pytest.mark.skipif(NODE is None, reason="node is not here")
def test_each_item_of_javascript_is_awaited(tmp_path: Path) -> None:
    code = """\
        export const done = [];

        export const handler = async (event) => {
          event.ids.forEach(async (id) => {
            await new Promise((resolve) => setTimeout(resolve, 5));
            done.push(id);
          });
          return done.length;
        };
    """
    mended = Mended(RULE, code, file="src/app.mjs")
    assert "  await Promise.all(event.ids.map(async (id) => {\n" in mended.text
    assert "\n  }));\n" in mended.text
    driver = (
        'import { handler } from "./app.mjs";\nconsole.log(JSON.stringify(await handler({ ids: [1, 2] })));\n'
    )
    results = []
    for name, text in (("before", mended.before), ("after", mended.after)):
        (tmp_path / name).mkdir()
        results.append(run_node(text, tmp_path / name, driver))
    assert results == [0, 2]
    assert not mended.still_found()
