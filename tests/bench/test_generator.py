"""The generated monorepos are what the measurements take them for."""

from pathlib import Path

from bench.generator import files, write

import stackworthy


def test_the_same_number_gives_the_same_files() -> None:
    assert list(files(4)) == list(files(4))


def test_a_monorepo_has_as_many_stacks_as_asked_half_of_them_terraform(tmp_path: Path) -> None:
    assert write(tmp_path, 6) == len(list(files(6)))
    review = stackworthy.review(tmp_path)
    assert [stack.format for stack in review.stacks] == ["terraform", "sam"] * 3


def test_every_stack_is_read_without_an_error_and_has_functions_a_table_and_a_queue(tmp_path: Path) -> None:
    write(tmp_path, 4)
    review = stackworthy.review(tmp_path)
    assert review.summary.errors == 0
    for stack in review.stacks:
        kinds = [resource.kind for resource in stack.resources]
        assert kinds.count("AWS::Lambda::Function") >= 3
        assert {"AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::ApiGatewayV2::Route"} <= set(kinds)


def test_functions_of_a_shared_module_are_instances_of_its_call(tmp_path: Path) -> None:
    write(tmp_path, 1)
    (stack,) = stackworthy.review(tmp_path).stacks
    assert 'module.function["list"].aws_lambda_function.this' in {item.address for item in stack.resources}
