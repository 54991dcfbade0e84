import json

import pytest

from stackworthy.core.finding import Confidence
from stackworthy.judge.example_stacks import graph_of_template
from stackworthy.sources.code.frontend import frontends, site_of

REACT = b'{"dependencies": {"react": "^19"}}'
APP = b"export const a = 1"


def found(files, resources=None):
    template = {"Resources": resources or {"Site": {"Type": "AWS::S3::Bucket"}}}
    return frontends(graph_of_template(template, code=files))


def test_a_package_for_browsers_beside_the_stack_is_a_frontend():
    (made,) = found(
        {"frontend/package.json": REACT, "frontend/src/app.tsx": APP, "frontend/public/index.html": b""}
    )
    assert (made.folder, made.framework, made.confidence) == ("frontend", "react", Confidence.HIGH)
    assert made.evidence == "frontend/package.json depends on react and has an index.html beside it"
    assert [unit.module.file for unit in made.units] == ["frontend/src/app.tsx"]


def test_a_page_without_a_package_is_a_frontend_too_but_less_surely():
    (made,) = found({"web/index.html": b"", "web/app.js": APP})
    assert (made.confidence, made.evidence) == (Confidence.MEDIUM, "web has an index.html")


@pytest.mark.parametrize(
    "files",
    [
        {"functions/package.json": REACT, "functions/app.js": APP},
        {"web/package.json": b'{"dependencies": {"express": "4"}}', "web/app.js": APP},
        {"web/package.json": b'{"devDependencies": {"react": "19"}}', "web/app.js": APP},
        {"web/package.json": b'{"dependencies": ["react"]}', "web/app.js": APP},
        {"web/package.json": b"[1", "web/app.js": APP},
        {"web/dist/index.html": b"", "web/dist/app.js": APP},
        {
            "web/package.json": REACT,
            "web/src/app.test.tsx": APP,
            "web/vendor/jquery.js": APP,
            "web/x.min.js": APP,
        },
    ],
)
def test_other_packages_built_output_and_tests_are_none(files):
    assert found(files) == []


def test_several_sites_are_told_apart():
    files = {
        f"sites/{name}/{file}": content
        for name in "ab"
        for file, content in (("index.html", b""), ("m.js", APP))
    }
    assert [made.folder for made in found(files)] == ["sites/a", "sites/b"]


def test_files_that_are_not_read_are_named():
    (made,) = found({"web/package.json": REACT, "web/a.js": APP, "web/b.vue": b"", "web/c.js": b"const = ="})
    assert made.unread == ["web/b.vue", "web/c.js"]


def test_a_stack_in_a_folder_of_templates_has_its_site_beside_that_folder(tmp_path):
    from stackworthy.config import Settings
    from stackworthy.core.workspace import Disk
    from stackworthy.sources.cloudformation.reader import read
    from stackworthy.sources.stack import StackRef

    content = json.dumps({"Resources": {"Site": {"Type": "AWS::S3::Bucket"}}})
    for folder in ("infrastructure", "orders"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "template.json").write_text(content)
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "package.json").write_bytes(REACT)
    (tmp_path / "web" / "app.js").write_bytes(APP)

    def seen(file):
        return frontends(read(Disk(tmp_path), StackRef("cloudformation", file), Settings()).graph)

    assert [made.folder for made in seen("infrastructure/template.json")] == ["web"]
    assert seen("orders/template.json") == []


def test_the_bucket_of_a_site_is_told_by_what_it_states_or_is_called():
    bucket = {"Type": "AWS::S3::Bucket"}

    def chosen(resources):
        made = site_of(graph_of_template({"Resources": resources}))
        return made.address if made else None

    assert chosen({"Logs": bucket, "WebBucket": bucket}) == "WebBucket"
    assert (
        chosen({"Logs": {**bucket, "Properties": {"WebsiteConfiguration": {"IndexDocument": "i"}}}}) == "Logs"
    )
    assert chosen({"Logs": bucket}) is None
    assert chosen({"Logs": bucket, "Cdn": {"Type": "AWS::CloudFront::Distribution"}}) == "Cdn"
