import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.document_checks import check_document
from support.random_rst import Written, documents

from knowligo_index.errors import ParseError
from knowligo_index.parsers import parse
from knowligo_index.types import Document, Dropped, Source

GUIDE = """
Guía de acceso
==============

Abra el *cliente* y entre con ``vpn``. Es de |marca|.

.. |marca| replace:: KnowLigo

Pasos
-----

3. Apague
4. Espere

   * un minuto

VPN
    Red privada

:versión: 2

-a, --all  todo

.. note:: Sin cable no hay red.

.. code-block:: bash

   sudo ls
     cd x

.. list-table:: Errores

   * - Código
     - Causa
   * - E-4012
     - sesión

.. image:: router.png
   :alt: El router

.. pendiente: precios
"""

TEXT = """\
# Guía de acceso

Abra el cliente y entre con vpn. Es de KnowLigo.

## Pasos

3. Apague
4. Espere
   - un minuto

- VPN

  Red privada

- versión

  2

- -a, --all

  todo

> Note

> Sin cable no hay red.

```bash
sudo ls
  cd x
```

Errores

| Código | Causa |
| --- | --- |
| E-4012 | sesión |

El router"""


def read(text: str) -> Document:
    document = parse(Source("guia.rst", Path("guia.rst"), "restructuredtext", 1, "0" * 64), text.encode())
    check_document(document)
    return document


def test_a_document_becomes_what_its_reader_sees() -> None:
    document = read(GUIDE)
    assert document.text == TEXT
    assert document.title == "Guía de acceso"
    headings = [(block.level, block.label) for block in document.blocks if block.kind == "heading"]
    assert headings == [(1, "Guía de acceso"), (2, "Pasos")]
    assert document.dropped == (Dropped("comment", 1, 17),)
    assert document.warnings == ()


@pytest.mark.parametrize(
    ("directive", "why"),
    [
        (".. include:: /etc/hostname", '"include" is not supported.'),
        (".. raw:: html\n\n   <b>x</b>", '"raw" directive disabled.'),
        (".. csv-table::\n   :file: /etc/hostname", 'File and URL access deactivated; ignoring "csv-table" directive.'),
    ],
)
def test_a_directive_that_is_not_allowed_stays_as_it_stands(directive: str, why: str) -> None:
    document = read(f"Uno\n\n{directive}\n\nDos\n")
    assert document.text == f"Uno\n\n```\n{directive}\n```\n\nDos"
    assert document.warnings == (f"1 reStructuredText error, first on line 3: {why}",)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (".. toctree::\n   :maxdepth: 2\n\n   inicio\n   Los planes <planes>", "inicio\nLos planes"),
        (".. versionadded:: 2.1\n   Con *llave*.", "versionadded: 2.1 Con llave."),
        (".. prompt:: bash\n\n   sudo ls", "bash\n\n```\nsudo ls\n```"),
        (".. nunca-vista:: Título\n   :clave: valor\n\n   Cuerpo.", "Título\n\nCuerpo."),
        ("Ver :ref:`los planes <planes>` y :doc:`red`.", "Ver los planes y red."),
    ],
)
def test_of_markup_that_only_other_tools_know_the_text_is_kept(text: str, shown: str) -> None:
    document = read(text)
    assert (document.text, document.warnings) == (shown, ())


def test_what_one_document_defines_no_other_knows() -> None:
    assert read(".. role:: tecla\n\nPulse :tecla:`Intro`.").text == "Pulse Intro."
    assert read("Pulse :strong:`Intro`.\n\n.. default-role:: nada\n\n`x`").text == "Pulse Intro.\n\nx"
    assert read("Pulse `Intro`.").text == "Pulse Intro."


@settings(deadline=None, max_examples=200)
@given(documents())
def test_every_word_that_a_reader_sees_is_in_the_text_once_and_no_other(written: Written) -> None:
    document = read(written.text)
    found = Counter(re.findall(r"palabra\d+x", document.text))
    assert set(found) == set(written.shown)
    assert set(found.values()) == {1}
    hidden = sum(map(len, written.hidden))
    assert sum(each.characters for each in document.dropped) >= hidden


def test_a_line_of_any_length_is_read() -> None:
    assert read("palabra " * 5000).text == ("palabra " * 5000).strip()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" \n", "empty"),
        (".. nada\n", "no-text"),
        ("".join("  " * depth + "* x\n\n" for depth in range(400)), "too-deep"),
    ],
)
def test_what_gives_no_document(text: str, reason: str) -> None:
    with pytest.raises(ParseError) as refused:
        read(text)
    assert refused.value.reason == reason


LINES = st.sampled_from(
    [
        *("Título", "======", "------", "* uno", "  dos", "", "", "1. tres", "::", "   código", ".. nota"),
        *("| línea", ":campo: valor", "+---+", "| a |", "`x`_", "**b**", ">>> 1", "=== ===", "a   b", "[1]_", "_`t`"),
    ]
)


@settings(deadline=None)
@given(st.lists(LINES, min_size=1, max_size=14).map("\n".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    # `read` checks what comes out; with only targets and comments in it, nothing does.
    try:
        assert read(text).text.strip()
    except ParseError as error:
        assert error.reason == ("no-text" if text.strip() else "empty")  # noqa: PT017
