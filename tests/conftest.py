"""What tests share: a tiny encoder, a small knowledge folder, and an index that was built from the two."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.exports import Exports
from support.small_knowledge import ONE_MAY_FAIL, TINY_PRECISION, write_knowledge
from support.tiny_model import make_tiny_model

from knowligo_index.build import build
from knowligo_index.encoders import EncoderOptions, go_offline
from knowligo_index.settings import Settings


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="the fault tests with every fault, not with a sample of them")
    parser.addoption("--images", action="store_true", help="tests/docker, which builds images for some minutes")


@pytest.fixture(scope="session")
def whole(pytestconfig: pytest.Config) -> bool:
    """Whether `make faults` is running: every fault instead of a sample."""
    return bool(pytestconfig.getoption("--whole"))


def pytest_configure() -> None:
    """Before any test imports sentence-transformers, which reads the environment then."""
    go_offline()


@pytest.fixture(autouse=True)
def _own_environment() -> Iterator[None]:
    """No setting of the machine reaches a test, and none of a test's reaches the next."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("KNOWLIGO_") or name in ("SOURCE_DATE_EPOCH", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            del os.environ[name]
    os.environ["KNOWLIGO_PRECISION"] = TINY_PRECISION
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder that reads 256 tokens, so that the default settings suit it. Copy it to change it."""
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny", max_tokens=256)


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    """Exports of models, each made once."""
    return Exports(tmp_path_factory.mktemp("exports"))


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    return write_knowledge(tmp_path / "knowledge")


@pytest.fixture
def settings(tmp_path: Path, knowledge: Path, tiny_model: Path, exports: Exports) -> Settings:
    """Settings of a build of `knowledge` into an index that has nothing but the encoder's export."""
    encoder = EncoderOptions(id=str(tiny_model), precision=TINY_PRECISION)
    exports.give(tmp_path / "indexes", encoder)
    return Settings(knowledge=knowledge, index=tmp_path / "indexes", threads=1, encoder=encoder, gate=ONE_MAY_FAIL)


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, exports: Exports) -> Path:
    """An index of the knowledge folder. Shared: read it, and nothing else."""
    folder = tmp_path_factory.mktemp("built")
    encoder = EncoderOptions(id=str(tiny_model), precision=TINY_PRECISION)
    exports.give(folder / "indexes", encoder)
    settings = Settings(
        knowledge=write_knowledge(folder / "knowledge"),
        index=folder / "indexes",
        threads=1,
        encoder=encoder,
        gate=ONE_MAY_FAIL,
    )
    build(settings)
    return settings.index


@pytest.fixture
def index(tmp_path: Path, built_once: Path) -> Path:
    """A copy of that index, to do with as a test pleases."""
    return Path(shutil.copytree(built_once, tmp_path / "copied"))
