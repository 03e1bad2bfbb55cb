import re
from pathlib import Path

from support.serving import ROOT, running

PAGE = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")


def test_every_metric_and_every_address_is_documented_and_no_other(built_once: Path) -> None:
    with running(built_once) as service:
        text = service.get("/metrics").body.decode()
        addresses = {
            (method.upper(), path)
            for path, methods in service.get("/openapi.json").json["paths"].items()
            for method in methods
        }
    kinds = dict(re.findall(r"^# TYPE (knowligo_\w+) (\w+)$", text, re.MULTILINE))
    metrics = {name for name in kinds if not name.endswith("_created")}
    assert set(re.findall(r"`(knowligo_\w+)`", PAGE)) == metrics
    documented = set(re.findall(r"^\| `(GET|POST) (/[a-z]+)", PAGE, re.MULTILINE))
    assert documented - {("GET", "/openapi")} == addresses


def test_defaults_in_the_table_of_limits_are_those_in_force() -> None:
    from knowligo_index.service.options import ServiceOptions

    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ([0-9, ]+) \|", PAGE.split("## Limits")[1], re.MULTILINE)
    documented = {
        name: float(value.replace(",", ""))
        for names, values in rows
        for name, value in zip(re.findall(r"`(\w+)`", names), re.split(r", (?=\d)", values), strict=True)
    }
    assert len(documented) == 7
    assert documented == {name: getattr(ServiceOptions(), name) for name in documented}
