import pytest

from stackworthy.core.workspace import Disk, Overlay
from stackworthy.sources.code.javascript_modules import resolve


@pytest.fixture
def place(tmp_path):
    return lambda files: Overlay(Disk(tmp_path), {name: text.encode() for name, text in files.items()})


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("./util", "src/util.ts"),
        ("./util.js", "src/util.ts"),
        ("./view", "src/view.tsx"),
        ("./plain.mjs", "src/plain.mjs"),
        ("./plain", "src/plain.mjs"),
        ("./db", "src/db/index.ts"),
        ("./db/", "src/db/index.ts"),
        ("..", "index.js"),
        (".", "src/index.js"),
        ("../lib/x.service", "lib/x.service.ts"),
        ("./data.json", None),
        ("./absent", None),
        ("../../../etc/passwd", None),
        ("/opt/nodejs/shared", None),
        ("/etc/passwd", None),
        ("aws-sdk", None),
        ("node:fs", None),
        ("", None),
        ("@", None),
        ("./a\0b", None),
    ],
)
def test_an_import_beside_the_importer_is_found_as_typescript_finds_it(place, written, found):
    names = [
        "src/util.ts",
        "src/view.tsx",
        "src/plain.mjs",
        "src/db/index.ts",
        "src/index.js",
        "index.js",
        "lib/x.service.ts",
        "src/data.json",
    ]
    workspace = place(dict.fromkeys(names, ""))
    assert resolve(workspace, "src/app.ts", written) == found


def test_paths_of_a_configuration_with_comments_are_followed_through_what_it_extends(place):
    workspace = place(
        {
            "tsconfig.base.json": """{
                // where things are
                "compilerOptions": {
                    "baseUrl": ".", /* the root */
                    "paths": {"@shared/*": ["absent/*", "shared/src/*"], "@shared/exact": ["shared/one.ts"], "url": ["http://x"], },
                },
            }""",
            "api/tsconfig.json": '{"extends": "../tsconfig.base"}',
            "shared/src/log.ts": "",
            "shared/one.ts": "",
            "top/level.ts": "",
        }
    )
    assert resolve(workspace, "api/src/app.ts", "@shared/log") == "shared/src/log.ts"
    assert resolve(workspace, "api/src/app.ts", "@shared/exact") == "shared/one.ts"
    assert resolve(workspace, "api/src/app.ts", "top/level") == "top/level.ts"
    assert resolve(workspace, "api/src/app.ts", "url") is None


def test_a_layer_is_found_where_the_configuration_maps_it(place):
    workspace = place(
        {
            "tsconfig.json": '{"compilerOptions": {"paths": {"/opt/nodejs/*": ["./layers/shared/*"]}}}',
            "layers/shared/log.ts": "",
        }
    )
    assert resolve(workspace, "src/app.ts", "/opt/nodejs/log") == "layers/shared/log.ts"


def test_packages_of_the_root_are_found_by_their_names(place):
    workspace = place(
        {
            "package.json": '{"workspaces": ["packages/*", "tools/build"]}',
            "packages/core/package.json": '{"name": "@acme/core", "main": "dist/main.js"}',
            "packages/core/src/main.ts": "",
            "packages/core/extra.ts": "",
            "packages/api/package.json": '{"name": "api", "exports": {".": {"import": "./entry.mjs"}, "./x/*": "./lib/*.js"}}',
            "packages/api/entry.mjs": "",
            "packages/api/src/y.ts": "",
            "tools/build/package.json": '{"name": "build"}',
            "tools/build/index.js": "",
        }
    )
    assert resolve(workspace, "packages/api/src/a.ts", "@acme/core") == "packages/core/src/main.ts"
    assert resolve(workspace, "packages/api/src/a.ts", "@acme/core/extra") == "packages/core/extra.ts"
    assert resolve(workspace, "app.ts", "api") == "packages/api/entry.mjs"
    assert resolve(workspace, "app.ts", "api/x/y") == "packages/api/src/y.ts"
    assert resolve(workspace, "app.ts", "build") == "tools/build/index.js"
    assert resolve(workspace, "app.ts", "lodash") is None


def test_a_package_depended_on_by_its_path_is_followed_inside_the_root_only(place):
    workspace = place(
        {
            "app/package.json": '{"dependencies": {"shared": "file:../shared", "out": "file:../../../other"}}',
            "shared/index.js": "",
        }
    )
    assert resolve(workspace, "app/a.js", "shared") == "shared/index.js"
    assert resolve(workspace, "app/a.js", "out") is None


def test_names_with_a_hash_are_those_of_the_nearest_package(place):
    workspace = place(
        {
            "package.json": '{"imports": {"#db": "./src/db.js", "#lib/*": {"default": "./src/lib/*"}}}',
            "src/db.ts": "",
            "src/lib/a.js": "",
        }
    )
    assert resolve(workspace, "src/app.ts", "#db") == "src/db.ts"
    assert resolve(workspace, "src/app.ts", "#lib/a.js") == "src/lib/a.js"
    assert resolve(workspace, "src/app.ts", "#absent") is None


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        '{"compilerOptions": 1}',
        '{"extends": "./tsconfig.json"}',
        '{"compilerOptions": {"paths": {"a": 1, "*": ["../../*"], "**": [[]]}, "baseUrl": "/etc"}}',
        '{"extends": ["./tsconfig.json", 1, null]}',
        "[" * 100_000,
        '{"a": "' + "\\" * 100_001,
        "/*" * 50_000,
    ],
)
def test_odd_configurations_lead_nowhere(place, text):
    workspace = place({"tsconfig.json": text, "package.json": text})
    assert resolve(workspace, "src/app.ts", "passwd") is None


def test_links_that_lead_out_of_the_root_are_not_followed(tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "out.ts").write_text("")
    (tmp_path / "root" / "in.ts").symlink_to(tmp_path / "out.ts")
    (tmp_path / "root" / "there").symlink_to(tmp_path)
    workspace = Disk(tmp_path / "root")
    assert resolve(workspace, "a.ts", "./there/out") is None
