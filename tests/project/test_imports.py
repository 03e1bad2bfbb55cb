import subprocess
import sys
from pathlib import Path

import knowligo_index

ROOT = Path(knowligo_index.__file__).parents[1]
HEAVY = {"torch", "sentence_transformers", "transformers", "pypdf", "markdown_it", "yaml", "tqdm", "click"}
NOT_THE_READERS = {"knowligo_index.cli", "knowligo_index.parsers", "knowligo_index.build"}


def loaded_by(code: str) -> set[str]:
    """Names of the modules that are loaded after a fresh interpreter ran `code`."""
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(run.stdout.splitlines()[-1].split())


def test_the_readers_door_loads_no_torch_no_parser_and_no_command_line() -> None:
    loaded = loaded_by("import knowligo_index; knowligo_index.open_index, knowligo_index.Hit")
    assert {"knowligo_index.search.reader", "faiss", "numpy"} <= loaded
    assert loaded & (HEAVY | NOT_THE_READERS) == set()


def test_importing_the_package_loads_nothing_of_it_but_itself() -> None:
    loaded = loaded_by("import knowligo_index")
    assert {name for name in loaded if name.startswith("knowligo_index")} == {
        "knowligo_index",
        "knowligo_index.system",
        "knowligo_index.system.package_version",
        "knowligo_index.system.python_process",
    }
    assert loaded & {"numpy", "faiss", "msgspec"} == set()


def test_the_door_offers_its_three_names_and_no_more() -> None:
    assert knowligo_index.__all__ == ["Hit", "IndexReader", "Passage", "open_index"]
    assert not hasattr(knowligo_index, "build_index")


def test_imports_go_down_the_layers() -> None:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"
    run = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 broken." in run.stdout
