# SPDX-License-Identifier: GPL-3.0-or-later
"""What is emulated, read from the code itself: handlers, the functions and jobs they reach, and the comments there.

A comment that says where a fact comes from ("sample", "model", "user guide") is evidence for all operations that get to it; one
that has the word "guess" is listed as it stands. So the page cannot know more or less than the code.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import botocore

from .clock import OPERATIONS, RESOURCES
from .control.registry import HANDLERS, JOBS, handler_name
from .wire_model import Service, services

CONTROL = Path(__file__).parent / "control"
GUESS = re.compile(r"\bguess(es|ed)?\b", re.I)
EVIDENCE = {
    "sample": re.compile(r"\bsamples?\b", re.I),
    "guide": re.compile(r"user guide|general reference|price list|plan page", re.I),
    "others": re.compile(r"terraform|cloudformation|others|some tools|issue|observed|\busers\b", re.I),
    "guess": GUESS,
}
# What nobody means to emulate, and why.
OUT_OF_SCOPE = {
    r"Container": "containers are not a part of this project",
    r"GUISession": "Lightsail for Research",
    r"Vpc": "VPC peering: there is no VPC here",
    r"GetCostEstimate": "documented for Lightsail for Research only; its usage types are not known",
}
# Files that all families share: what is said there is listed once.
SHARED = ("errors", "request", "cloud", "engine", "registry", "tags", "names", "operations", "watcher", "catalogue_data")


class Unit:
    """A function, class or constant at the top of a file: its words (comments and docstrings), and what it refers to."""

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name
        self.words: list[str] = []
        self.names: set[tuple[str, str]] = set()  # (module, name)
        self.strings: set[str] = set()
        self.data: set[str] = set()  # files of data


def _comments(source: str) -> dict[int, str]:
    """Line -> comment; lines of one comment are one, at its first line."""
    found: dict[int, str] = {}
    last, start = -1, -1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        line, alone, text = token.start[0], not token.line[: token.start[1]].strip(), token.string.lstrip("# ").strip()
        if alone and line == last + 1:
            found[start] += " " + text
        else:
            # What stands behind a line is said of that line.
            found[line] = text if alone else f"`{token.line[: token.start[1]].strip()}`: {text}"
            start = line
        last = line if alone else -1
    return found


def _names_of(node: ast.AST) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _imports(tree: ast.Module, module: str) -> dict[str, tuple[str, str]]:
    """Name in this file -> (module, name there); the name is empty for a module as a whole."""
    known: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            for alias in node.names:
                known[alias.asname or alias.name] = (node.module, alias.name) if node.module else (alias.name, "")
    return known


@lru_cache(maxsize=None)
def _units() -> dict[tuple[str, str], Unit]:
    units: dict[tuple[str, str], Unit] = {}
    for path in sorted(CONTROL.glob("*.py")):
        source = path.read_text()
        tree = ast.parse(source)
        comments, imports = _comments(source), _imports(tree, path.stem)
        own = {name for node in tree.body for name in _names_of(node)}
        whole = Unit(path.stem, "")
        whole.words = [ast.get_docstring(tree) or ""]
        units[path.stem, ""] = whole
        end = 0
        for node in tree.body:
            names = _names_of(node)
            # What stands between the last thing and this one is said of this one.
            last = node.end_lineno or end
            words = [text for line, text in comments.items() if end < line <= last]
            end = last
            for name in names:
                unit = units[path.stem, name] = Unit(path.stem, name)
                unit.words = words + list(_docstrings(node))
                _refer(unit, node, imports, own)
    return units


def _docstrings(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, (ast.FunctionDef, ast.ClassDef)):
            yield ast.get_docstring(inner) or ""


def _refer(unit: Unit, node: ast.AST, imports: dict[str, tuple[str, str]], own: set[str]) -> None:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and inner.id in own:
            unit.names.add((unit.module, inner.id))
        elif isinstance(inner, ast.Name) and imports.get(inner.id, ("", ""))[1]:
            unit.names.add(imports[inner.id])
        elif isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and imports.get(inner.value.id, ("", "?"))[1] == "":
            unit.names.add((imports[inner.value.id][0], inner.attr))
        elif isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            unit.strings.add(inner.value)
        elif isinstance(inner, ast.Call) and inner.args and isinstance(inner.args[0], ast.Constant) and inner.args[0].value in _sources():
            unit.data.add(inner.args[0].value)


def _reached(module: str, name: str) -> list[Unit]:
    """A handler with all that it gets to in the files of families, jobs included."""
    units, found, waiting = _units(), {}, [(module, name), (module, "")]
    while waiting:
        key = waiting.pop()
        unit = units.get(key)
        if unit is None or key in found or unit.module in SHARED:
            continue
        found[key] = unit
        waiting += unit.names
        waiting += [(JOBS[text].__module__.rpartition(".")[2], JOBS[text].__name__) for text in unit.strings if text in JOBS]
    return [found[key] for key in sorted(found)]


@lru_cache(maxsize=None)
def _sources() -> dict[str, str]:
    """What the files of data say about where they come from."""
    return {path.stem: json.loads(path.read_text())["source"] for path in sorted((CONTROL / "data").glob("*.json"))}


def _sentences(unit: Unit) -> Iterator[str]:
    """What a unit says about guesses, as it stands there."""
    for text in unit.words:
        for sentence in re.split(r"(?<=[.;])\s+(?=[A-Z])|\n\n", " ".join(text.split())):
            if GUESS.search(sentence):
                yield sentence.strip().rstrip(".")


def operations() -> list[dict[str, Any]]:
    """One entry for each operation of both services, in their order."""
    return [_operation(service, name) for service in services().values() for name in service.model.operation_names]


def _operation(service: Service, name: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"service": service.name, "operation": name, "emulated": False, "family": None, "evidence": [], "guesses": []}
    handler = HANDLERS.get(handler_name(service.name, name))
    if handler is None:
        entry["why_not"] = next((why for pattern, why in OUT_OF_SCOPE.items() if re.search(pattern, name)), "not done yet")
        return entry
    module = handler.function.__module__.rpartition(".")[2]
    reached = _reached(module, handler.function.__name__)
    words = " ".join(text for unit in reached for text in [*unit.words, *(_sources()[name] for name in sorted(unit.data))])
    strings = {text for unit in reached for text in unit.strings}
    entry.update(
        emulated=True,
        family=module,
        # Whatever goes in and out is checked against the model.
        evidence=["model", *(word for word, pattern in EVIDENCE.items() if pattern.search(words))],
        times=[name for name in OPERATIONS if name == entry["operation"]] + [name for name in RESOURCES if name in strings],
        guesses=[(unit.module, unit.name, text) for unit in reached for text in _sentences(unit)],
    )
    return entry


def shared_guesses() -> list[tuple[str, str, str]]:
    return [(unit.module, unit.name, text) for key, unit in sorted(_units().items()) if unit.module in SHARED for text in _sentences(unit)]


HEADER = """# Operations of the local Lightsail

<!-- Made by `lightsail-local operations > docs/emulated_operations.md`; a unit test compares. Change the code and its comments instead. -->

Which operations are emulated, where their behaviour is known from, and what is a guess. This page is read from the code: guesses are its
comments. [lightsail_local.md](lightsail_local.md) tells the same in its context.

Every request and every answer is checked against the service model of botocore {version}, so members, types, enums and lengths are
**model** throughout. Beyond that: **sample** (sample output in the AWS CLI's documentation), **guide** (AWS's user guide and general
reference), **others** (source and tests of others, issues, observations), **guess** (in part; the guesses are listed).

{counts}
"""


def page() -> str:
    """The page of the documentation."""
    every = operations()
    lines = [HEADER.format(version=botocore.__version__, counts="\n".join(_counts(every)))]
    families = sorted({entry["family"] for entry in every if entry["emulated"]})
    for family in families:
        lines += _family(family, [entry for entry in every if entry["family"] == family])
    lines += ["## What all of them share", "", *(f"* {_guess(guess)}" for guess in shared_guesses()), ""]
    lines += ["## Data", "", *(f"* `data/{name}.json`: {source}" for name, source in _sources().items()), ""]
    lines += ["## Times", "", "In seconds of AWS; `--time-scale` makes them shorter.", "", "| clock | seconds | evidence |", "|---|---|---|"]
    for name, (seconds, evidence) in [*OPERATIONS.items(), *RESOURCES.items()]:
        kind = f"operation `{name}`" if name in OPERATIONS else name
        lines.append(f"| {kind} | {seconds:g} | {evidence} |")
    lines += ["", "## Not emulated", "", "They are refused at once, with `NotEmulated` as the inner code.", "", "| operation | why |", "|---|---|"]
    lines += [f"| `{entry['operation']}` | {entry['why_not']} |" for entry in every if not entry["emulated"]]
    return "\n".join(lines) + "\n"


def _counts(every: list[dict[str, Any]]) -> Iterator[str]:
    for service in services().values():
        mine = [entry for entry in every if entry["service"] == service.name]
        yield f"* {service.name}: {sum(entry['emulated'] for entry in mine)} of {len(mine)} operations"


def _guess(guess: tuple[str, str, str]) -> str:
    module, name, text = guess
    return f"`{module}.py`{f', `{name}`' if name else ''}: {text}"


def _family(family: str, entries: list[dict[str, Any]]) -> Iterator[str]:
    title = _units()[family, ""].words[0].split("\n\n")[0].rstrip(".")
    guesses = sorted({guess for entry in entries for guess in entry["guesses"]})
    yield from (f"## {family}", "", " ".join(title.split()) + ".", "", "| operation | evidence | guesses | times |", "|---|---|---|---|")
    for entry in entries:
        numbers = ", ".join(str(guesses.index(guess) + 1) for guess in dict.fromkeys(entry["guesses"]))
        yield f"| `{entry['operation']}` | {', '.join(entry['evidence'])} | {numbers} | {', '.join(entry['times'])} |"
    yield ""
    yield from (f"{number}. {_guess(guess)}" for number, guess in enumerate(guesses, 1))
    if guesses:
        yield ""
