"""A small knowledge folder, and the settings that a build of it needs."""

from pathlib import Path

from knowligo_index.encoders.engine_choice import Precision
from knowligo_index.gate.options import GateOptions

PLAN = """---
title: Plan profesional
---
# Plan profesional

## Qué incluye

El plan profesional incluye soporte las 24 horas por teléfono y respuesta en una hora a un incidente crítico.

## Precio

El precio del plan es de 20 € al mes, y se cancela el lunes o el viernes en la oficina de ventas con tarjeta.
"""

NETWORK = """# Red

| Código | Causa |
| --- | --- |
| E-4012 | la sesión venció |
| E-4013 | cable de red |
"""

MAILBOX = "How to reset the password of the mailbox.\r\n\r\nThe password is reset in the office.\r\n"


# The same on every CPU.
TINY_PRECISION: Precision = "float32"

# One of the five documents is damaged, and tests take others away.
ONE_MAY_FAIL = GateOptions(max_failed=0.5)


def write_knowledge(folder: Path) -> Path:
    """Three documents, an empty one, a damaged one, and files that are no documents."""
    (folder / "en").mkdir(parents=True)
    (folder / ".git").mkdir()
    files = {
        "plan.md": PLAN.encode(),
        "red.md": NETWORK.encode(),
        "en/mailbox.txt": MAILBOX.encode(),
        "empty.txt": b" \n",
        "scan.pdf": b"%PDF-1.4\nnot a PDF after all\n",
        "logo.png": b"\x89PNG",
        ".git/HEAD": b"ref: refs/heads/main\n",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder
