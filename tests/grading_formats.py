"""The formats that a graded class is written in for others, as they are published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import pytest

# jenkinsci/xunit-plugin, junit-10.xsd: what each element may hold, and its attributes, those that
# must be there first
JUNIT: Mapping[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"testsuite"}, set(), {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors"},
        {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log"},
    ),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, set()),
    "testcase": (
        {"skipped", "error", "failure", "system-out", "system-err"},
        {"name"},
        {"time", "classname", "group"},
    ),
    "failure": (set(), set(), {"type", "message"}),
    "error": (set(), set(), {"type", "message"}),
}


def check_junit(text: str) -> ElementTree.Element:
    """The document, if it is one by the schema, and its counts are those of its tests."""
    root = ElementTree.fromstring(text)  # noqa: S314 - our own document
    for element in root.iter():
        children, must, may = JUNIT[element.tag]
        assert {child.tag for child in element} <= children, element.tag
        assert must <= set(element.keys()) <= must | may, element.tag
    for suite in (root, *root.iter("testsuite")):
        counted = {
            "tests": len(list(suite.iter("testcase"))),
            "failures": len(list(suite.iter("failure"))),
            "errors": len(list(suite.iter("error"))),
        }
        assert {key: int(suite.attrib[key]) for key in counted} == counted
    return root


# Gradescope's autograder specifications, "Output format" (docs/specs.md of autograder_samples)
RESULTS: Mapping[str, tuple[type, ...]] = {
    "score": (int, float),
    "execution_time": (int, float),
    "output": (str,),
    "visibility": (str,),
    "stdout_visibility": (str,),
    "extra_data": (dict,),
    "tests": (list,),
    "leaderboard": (list,),
}
RESULTS_TEST: Mapping[str, tuple[type, ...]] = {
    "score": (int, float),
    "max_score": (int, float),
    "name": (str,),
    "number": (str,),
    "output": (str,),
    "tags": (list,),
    "visibility": (str,),
    "extra_data": (dict,),
}


def check_results(text: str) -> dict[str, Any]:
    """The object, if it is one by the specification, and its score is the sum of its tests."""
    found: dict[str, Any] = json.loads(text)
    for table, kinds in ((found, RESULTS), *((test, RESULTS_TEST) for test in found["tests"])):
        assert {key for key, value in table.items() if not isinstance(value, kinds[key])} == set()
        assert not any(isinstance(value, bool) for value in table.values())
    assert all(0 <= test["score"] <= test["max_score"] for test in found["tests"])
    assert found["score"] == pytest.approx(sum(test["score"] for test in found["tests"]))
    return found
