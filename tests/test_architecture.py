"""The shape of the program, read from its source: rooms, sole importers, sizes, documentation."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path

import pytest

import indexer

ROOT = Path(__file__).resolve().parent.parent

# A room may import from the lines above its own and from itself; rooms of one line do not know each other.
ROOMS = (
    ("errors", "jsontext", "lifeline", "recent"),
    ("arrays", "config", "native"),
    ("access", "text", "repair"),
    ("documents", "query"),
    ("derived",),
    ("engine",),
    ("results", "trace"),
    ("pipeline", "states", "backup"),
    ("live",),
    ("reading",),
    ("searcher", "shares"),
    ("views",),
    ("measure", "doctor"),
    ("cli",),
)
SOLE_IMPORTERS = {
    "opencc": {"text"},
    "jieba": {"text"},
    "rjieba": {"text"},
    "pypinyin": {"repair", "derived"},
    "whoosh": {"engine"},
    "opensearchpy": {"engine"},
    "click": {"cli"},
    "rich": {"cli"},
    "lxml": {"documents"},
    "msgspec": {"config", "documents", "jsontext"},
    "numpy": {"arrays", "engine", "text", "derived", "measure", "trace"},
    "flask": set(),
    "granian": set(),
    "webapp": {"cli"},
}
MODULE_LINES = 350
FUNCTION_LINES = 50
DEEPEST = len(ROOMS)


def modules(package: str) -> dict[str, Path]:
    """Dotted name → file, of every module of a package."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


ALL = modules("indexer") | modules("webapp")


@cache
def tree(name: str) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(ALL[name].read_text(encoding="utf-8"))


def imported(name: str) -> Iterator[tuple[str, str]]:
    """(module, name) of every import anywhere in a module; the name is empty for `import module`."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: relative import of {node.module}"
            yield from ((node.module or "", alias.name) for alias in node.names)


def targets(name: str) -> set[str]:
    """The modules of ours that a module imports."""
    found = set()
    for module, attribute in imported(name):
        whole = f"{module}.{attribute}"
        if (ROOT / f"{whole.replace('.', '/')}.pyi").exists():
            continue  # compiled, imports nothing of ours
        target = whole if whole in ALL else module
        if target in ALL and target != name:
            found.add(target)
    return found


def part(name: str) -> str:
    """The room of `indexer` a module is in: its folder or file; "indexer" for the package itself."""
    return [*name.split("."), "indexer"][1]


def floor(name: str) -> int:
    """The line of a room in `ROOMS`."""
    return next((number for number, rooms in enumerate(ROOMS) if name in rooms), DEEPEST)


@pytest.mark.parametrize("name", [name for name in modules("indexer") if name != "indexer"])
def test_imports_run_one_way(name: str) -> None:
    """A module imports only from rooms above its own, or from its own room."""
    own = part(name)
    assert floor(own) < DEEPEST, f"{own} is no room yet: add it to ROOMS"
    for target in targets(name):
        if target.startswith("webapp"):
            assert own == "cli"
        elif part(target) != own:
            assert floor(part(target)) < floor(own), f"{name} imports {target}"


def test_no_import_cycles() -> None:
    """No module imports itself by way of others, not even late; `hansou serve` is the exception."""
    graph = {name: targets(name) - ({"webapp"} if name == "indexer.cli.serving" else set()) for name in ALL}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' → '.join(error.args[1])}")


@pytest.mark.parametrize("package", SOLE_IMPORTERS)
def test_sole_importers(package: str) -> None:
    """What comes from outside is known to the parts that are responsible for it, and to no other."""
    users = {
        part(name)
        for name in modules("indexer")
        for module, _ in imported(name)
        if module.split(".")[0] == package
    }
    assert users <= SOLE_IMPORTERS[package]


def test_webapp_knows_only_the_interface() -> None:
    """The web application imports names of `indexer.__all__`, and none of the engine's libraries."""
    for name in modules("webapp"):
        for module, attribute in imported(name):
            top = module.split(".")[0]
            assert top not in {"whoosh", "jieba", "opencc", "pypinyin", "rjieba"}, name
            if top == "indexer":
                assert module == "indexer" and attribute in indexer.__all__, f"{name}: {module}.{attribute}"


def test_interface_is_sorted_and_real() -> None:
    """`indexer.__all__` is in order, constants first, and every name of it exists."""
    assert indexer.__all__ == sorted(indexer.__all__, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(indexer, name) for name in indexer.__all__)


def test_public_classes_have_one_meaning() -> None:
    """No public class has the name of another."""
    homes: dict[str, list[str]] = {}
    for name in modules("indexer"):
        for node in tree(name).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(name)
    assert {each: where for each, where in homes.items() if len(where) > 1} == {}


def functions(name: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of a module with its qualified name."""

    def inside(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{prefix}{child.name}", child
                yield from inside(child, f"{prefix}{child.name}.<locals>.")
            elif isinstance(child, ast.ClassDef):
                yield from inside(child, f"{prefix}{child.name}.")
            else:
                yield from inside(child, prefix)

    yield from inside(tree(name), "")


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function's body without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("name", ALL)
def test_sizes(name: str) -> None:
    """Modules have at most 350 lines, functions at most 50 without their docstring."""
    assert len(ALL[name].read_text(encoding="utf-8").splitlines()) <= MODULE_LINES
    long = {label: body_lines(node) for label, node in functions(name) if body_lines(node) > FUNCTION_LINES}
    assert long == {}


def is_public(label: str) -> bool:
    """Whether every part of a qualified name is public; special methods are not counted."""
    return not any(piece.startswith(("_", "<")) for piece in label.split("."))


@pytest.mark.parametrize("name", ALL)
def test_documentation(name: str) -> None:
    """Every module, public class and public function says what it is for."""
    assert ast.get_docstring(tree(name)), name
    classes = [node for node in tree(name).body if isinstance(node, ast.ClassDef)]
    labeled = chain(((node.name, node) for node in classes), functions(name))
    missing = [label for label, node in labeled if is_public(label) and not ast.get_docstring(node)]
    assert missing == []


@pytest.mark.parametrize("name", ALL)
def test_annotations(name: str) -> None:
    """Every argument and every return value of every function is annotated."""
    bare = []
    for label, node in functions(name):
        spec = node.args
        arguments = [
            *spec.posonlyargs,
            *spec.args,
            *spec.kwonlyargs,
            *filter(None, [spec.vararg, spec.kwarg]),
        ]
        bare += [
            f"{label}({a.arg})" for a in arguments if a.annotation is None and a.arg not in ("self", "cls")
        ]
        bare += [label] if node.returns is None else []
    assert bare == []


def test_names_say_something() -> None:
    """No module is named after nothing in particular."""
    empty = {"utils", "util", "helpers", "helper", "manager", "data", "misc", "common"}
    assert not {piece for name in ALL for piece in name.split(".")} & empty
