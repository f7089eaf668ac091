"""The rules between rooms (README, 'Design'), held by walking the imports."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
TORCH = {"torch", "torchvision", "safetensors"}
INTERFACE = {"streamlit", "plotly", "pages"}
WITHOUT_TORCH = [
    "core/errors.py",
    "core/workspace.py",
    "core/locks.py",
    "core/runs.py",
    "core/data",
    "core/split",
    "core/metrics",
    "core/model/catalog.py",
    "core/model/weights_files.py",
    "core/model/transform.py",
    "core/training/config.py",
    "core/training/jobs.py",
]


def sources(*places: str) -> list[Path]:
    found: list[Path] = []
    for place in places:
        path = CHECKOUT / place
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return found


def imports(path: Path, *, top_level: bool) -> set[str]:
    """Dotted names that a file imports: only those run on import, or all of them."""
    tree = ast.parse(path.read_text())
    nodes = _run_on_import(tree.body) if top_level else list(ast.walk(tree))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _run_on_import(body: list[ast.stmt]) -> list[ast.AST]:
    """The statements that run when a module is imported: not those inside functions."""
    found: list[ast.AST] = []
    for statement in body:
        found.append(statement)
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            continue
        for field in ("body", "orelse", "finalbody", "handlers"):
            found += _run_on_import(getattr(statement, field, []))
    return found


def closure(path: Path) -> set[str]:
    """Everything that importing a file imports, through the project's own modules."""
    seen: set[Path] = set()
    names: set[str] = set()
    waiting = [path]
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        for name in imports(file, top_level=True):
            names.add(name)
            waiting += [found for found in _files(name) if found not in seen]
    return names


def _files(name: str) -> list[Path]:
    base = CHECKOUT.joinpath(*name.split("."))
    candidates = [base.with_suffix(".py"), base / "__init__.py"]
    return [path for path in candidates if name.split(".")[0] in ("core", "pages") and path.exists()]


def _files_of(names: set[str]) -> set[Path]:
    return {path for name in names for path in _files(name) if path.name != "__init__.py"}


def roots(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", sources("core"), ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_core_never_imports_the_interface(path: Path) -> None:
    assert not roots(imports(path, top_level=False)) & INTERFACE


@pytest.mark.parametrize("path", sources(*WITHOUT_TORCH), ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_these_rooms_do_without_torch(path: Path) -> None:
    if path.name != "cifar10.py":  # torchvision's own download is its only content, behind a click
        assert not roots(imports(path, top_level=False)) & TORCH
    assert not roots(closure(path)) & TORCH


@pytest.mark.parametrize("path", sources("app.py", "pages"), ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_pages_do_not_load_torch_when_imported(path: Path) -> None:
    assert not roots(closure(path)) & TORCH


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not even from inside a function, which would only hide it."""
    graph = {path: _files_of(imports(path, top_level=False)) - {path} for path in sources("core", "pages")}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_importing_core_pulls_in_nothing_heavy() -> None:
    script = "import sys, core; print(sorted({'torch','numpy','pandas','PIL','sklearn'} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, check=True)
    assert shown.stdout.decode().strip() == "[]"


def test_core_works_where_streamlit_is_not_installed() -> None:
    """Every module of core imports with streamlit and plotly made unimportable."""
    modules = [
        ".".join(path.relative_to(CHECKOUT).with_suffix("").parts).removesuffix(".__init__")
        for path in sources("core")
        if path.name not in ("__main__.py", "standalone.py")  # the latter runs outside of the project
    ]
    script = (
        "import sys, importlib\n"
        "for name in ('streamlit', 'plotly', 'pages'): sys.modules[name] = None\n"
        "for name in sys.argv[1:]: importlib.import_module(name)"
    )
    done = subprocess.run([sys.executable, "-c", script, *modules], cwd=CHECKOUT, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_reading_the_rules_finds_a_broken_one(tmp_path: Path) -> None:
    """The walk itself: imports inside functions do not run on import, those in a `try` do."""
    file = tmp_path / "broken.py"
    file.write_text("try:\n    import torch\nexcept ImportError: pass\ndef f():\n    import plotly.express\n")
    assert roots(imports(file, top_level=True)) == {"torch"}
    assert roots(imports(file, top_level=False)) == {"torch", "plotly"}
