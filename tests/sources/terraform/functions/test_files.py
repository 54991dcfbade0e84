"""File and path functions, which read through the caller."""

from __future__ import annotations

import pytest
from tests.sources.terraform.functions.oracle import MemoryFiles, render

from stackworthy.core.value import Map, NotKnown, OpenMap, Partial, Reference, Unknown, show
from stackworthy.sources.terraform.functions import FunctionError, call
from stackworthy.sources.terraform.types import HOME_DIRECTORY, WORKING_DIRECTORY

FILES = MemoryFiles({"a.txt": b"hello", "dir/b.json": b"{}", "t.tpl": b"${name}!", "big": b"x" * 4_000_001})
NAME = Unknown("var.name has no value", "var.name")
ARN = Reference("aws_s3_bucket.b", "Arn")


def test_without_a_reader_files_are_unknown():
    assert isinstance(call("file", ["a.txt"]), Unknown)
    assert isinstance(call("templatefile", ["t.tpl", Map()], files=FILES), Unknown)


def test_a_path_that_is_not_known_makes_the_content_unknown():
    assert call("file", [Partial((NAME, "/a.txt"))], files=FILES).reason == "var.name has no value"


def test_a_path_below_the_working_directory_is_read_relative_to_it():
    assert call("file", [call("abspath", ["dir/../a.txt"])], files=FILES) == "hello"
    assert call("fileset", [WORKING_DIRECTORY, "*.txt"], files=FILES) == ["a.txt"]


def test_the_working_and_the_home_directory_stay_unknown_in_a_path():
    answer = call("abspath", ["x/./y"])
    assert isinstance(answer, Partial)
    assert answer.pieces == (WORKING_DIRECTORY, "/x/y")
    assert call("abspath", ["."]) is WORKING_DIRECTORY
    assert isinstance(call("abspath", ["../x"]), Unknown)
    assert call("pathexpand", ["~/x"]).pieces == (HOME_DIRECTORY, "/x")
    assert call("abspath", [answer]) is answer


def test_the_last_part_of_a_path_is_known_without_the_others():
    path = Partial((NAME, "/lambda/index.js"))
    assert call("basename", [path]) == "index.js"
    folder = call("dirname", [path])
    assert (folder.prefix, folder.suffix) == ("", "lambda")
    assert isinstance(call("dirname", [Partial((NAME, "/../x"))]), Unknown)
    assert isinstance(call("basename", [Partial((NAME, "x"))]), Unknown)


def test_a_reader_that_refuses_a_path_makes_the_content_unknown():
    class Refusing(MemoryFiles):
        def read(self, path):
            raise NotKnown(f"{path} lies outside of the root")

    assert call("file", ["../secret"], files=Refusing({})).reason == "../secret lies outside of the root"


def test_a_file_that_is_too_large_is_unknown():
    assert "too large" in call("file", ["big"], files=FILES).reason


def test_a_template_is_rendered_by_the_caller_with_what_is_known_of_its_variables():
    answer = call("templatefile", ["t.tpl", Map(name=ARN)], files=FILES, render=render)
    assert show(answer) == "${aws_s3_bucket.b.Arn}!"
    assert call("templatestring", ["${name}?", Map(name="x")], render=render) == "x?"


def test_a_template_with_unknown_variables_is_unknown_but_not_one_with_more_than_it_needs():
    assert isinstance(call("templatefile", ["t.tpl", NAME], files=FILES, render=render), Unknown)
    opened = OpenMap([("name", "x")], NAME)
    assert call("templatefile", ["t.tpl", opened], files=FILES, render=render) == "x!"


def test_a_missing_file_is_an_error_that_names_it():
    with pytest.raises(FunctionError, match='no file exists at "nope"'):
        call("file", ["nope"], files=FILES)
