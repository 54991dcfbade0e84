"""Templates over several lines, whose results were read off Terraform 1.11."""

from __future__ import annotations

import pytest
from tests.sources.terraform.roots import local, root

from stackworthy.core.value import Partial, Reference, Unknown
from stackworthy.sources.terraform import templates


@pytest.mark.parametrize(
    ("heredoc", "expected"),
    [
        ("<<EOT\nab\n  cd\nEOT", "ab\n  cd\n"),
        ("<<EOT\nEOT", ""),
        ('<<-EOT\n   \n      two\n\n    ${"x"}\n  EOT', "   \n  two\n\nx\n"),
        ("<<-EOT\n\ta\n\t\tb\n\tEOT", "a\n\tb\n"),
        ("<<-EOT\n    a\n  b\n      EOT", "  a\nb\n"),
        ("<<-EOT\n    ${1}\n  ${2}\n  EOT", "  1\n2\n"),
        ("<<-EOT\n  ${1} x\n    y\n  EOT", "1 x\n  y\n"),
        ('<<EOT\n$${x} %%{y} "q" \\n $ % $x\nEOT', '${x} %{y} "q" \\n $ % $x\n'),
        ("<<EOT\na ${jsonencode({ a = 1 })} b\nEOT", 'a {"a":1} b\n'),
        ("<<EOT\n%{ if true }\nx\n%{ endif }\nEOT", "\nx\n\n"),
        (
            '<<-EOT\n    %{ for x in ["a","b"] ~}\n      item ${x}\n\n    %{ endfor ~}\n    end\n      ${~ "q" ~}\n\n      z\n  EOT',
            "          item a\n\n          item b\n\n        end\nq\n      z\n",
        ),
    ],
)
def test_heredocs_come_to_what_terraform_makes_of_them(heredoc, expected):
    assert local(heredoc) == expected


def test_a_template_file_strips_no_further_than_its_line():
    text = '%{ for x in l ~}\n    item ${x}\n  %{ if x == "b" ~}\n   B\n  %{ endif ~}\n%{ endfor ~}\nend  ${~ "q" ~}  \n\n  z\\n\n'
    found = root(
        {
            "main.tf": 'output "o" {\n  value = templatefile("${path.module}/t.tpl", { l = ["a", "b"] })\n}\n',
            "t.tpl": text,
        }
    )
    assert found.outputs["o"] == "    item a\n      item b\n     B\n  endq\n  z\\n\n"


@pytest.mark.parametrize(
    "text",
    ["${", "%{ if x }", "%{ endif }", "${}", "%{ for }%{ endfor }", "${nosuch}", '${file("/etc/passwd")}'],
)
def test_a_template_file_that_is_wrong_makes_the_value_unknown(text):
    found = root(
        {"main.tf": 'output "o" {\n  value = templatefile("t.tpl", { x = true })\n}\n', "t.tpl": text}
    )
    assert isinstance(found.outputs["o"], Unknown)


def test_a_template_file_sees_its_variables_and_nothing_else():
    main = 'locals {\n  a = 1\n}\noutput "o" {\n  value = templatefile("t.tpl", { a = 2 })\n}\n'
    assert root({"main.tf": main, "t.tpl": "<${a}>"}).outputs["o"] == "<2>"
    assert isinstance(root({"main.tf": main, "t.tpl": "${local.a}"}).outputs["o"], Unknown)


def test_a_template_may_hold_what_ends_a_heredoc():
    found = root(
        {"main.tf": 'output "o" {\n  value = templatefile("t.tpl", {})\n}\n', "t.tpl": "${1}\nEOT\nEOT_\n"}
    )
    assert found.outputs["o"] == "1\nEOT\nEOT_\n"


def test_a_text_with_unknown_parts_keeps_the_known_ones():
    value = local('"a${aws_x.y.arn}/${var.v}/b"', 'resource "aws_x" "y" {}\nvariable "v" {}\n')
    assert isinstance(value, Partial)
    assert (value.prefix, value.suffix, value.references) == ("a", "/b", (Reference("aws_x.y", "arn"),))


def test_one_interpolation_alone_is_the_value_itself():
    assert local('"${[1, 2]}"') == [1, 2]
    assert local('"${aws_x.y.arn}"', 'resource "aws_x" "y" {}\n') == Reference("aws_x.y", "arn")


def test_a_loop_over_something_unknown_leaves_a_partial_text():
    value = local('"a%{ for x in var.v }${x}%{ endfor }b"', 'variable "v" {}\n')
    assert (value.prefix, value.suffix) == ("a", "b")


def test_a_condition_that_is_not_known_leaves_a_partial_text():
    value = local('"a%{ if var.v }x%{ endif }b"', 'variable "v" {}\n')
    assert (value.prefix, value.suffix) == ("a", "b")


def test_texts_beyond_the_limit_are_not_built(monkeypatch):
    monkeypatch.setattr(templates, "MAX_STRING", 100)
    assert isinstance(
        local('"${join("", [for i in range(60) : "x"])}${join("", [for i in range(60) : "x"])}"'), Unknown
    )


def test_windows_line_ends_stay_in_heredocs():
    assert root('output "o" {\r\n  value = <<EOT\r\nab\r\ncd\r\nEOT\r\n}\r\n').outputs["o"] == "ab\r\ncd\r\n"
