"""Ten whole documents: exactly these headings, lists, table cells and code are read from them."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support import ten_documents
from support.document_checks import check_document

from knowligo_index.parsers import parse, suffixes
from knowligo_index.types import Block, Document, Source


@dataclass(frozen=True)
class Expected:
    """What is in a document besides its running text."""

    headings: list[tuple[int, str]]
    """level and label"""
    items: list[tuple[int, str]] = field(default_factory=list)
    """of all lists: how deep, and the first line as the canonical text has it"""
    tables: list[list[list[str]]] = field(default_factory=list)
    """rows of cells"""
    code: list[list[str]] = field(default_factory=list)
    """lines, fences left out"""
    dropped: dict[str, int] = field(default_factory=dict)
    """how many characters of each kind"""
    unread: dict[int, str] = field(default_factory=dict)
    """reasons by page"""


DOCUMENTS: list[tuple[str, Callable[[], bytes], Expected]] = [
    (
        "vpn.md",
        ten_documents.VPN_MARKDOWN.encode,
        Expected(
            [
                (1, "Conectarse a la VPN"),
                (2, "Antes de empezar"),
                (2, "Instalar el perfil"),
                (2, "Errores conocidos"),
                (3, "Si nada ayuda"),
            ],
            [
                (0, "- Una cuenta activa"),
                (0, "- El cliente instalado:"),
                (1, "1. Abra el portal de software"),
                (1, "2. Elija **OpenVPN**"),
                (2, "- versión 3.4 o posterior"),
                (0, "- [x] El segundo factor configurado"),
            ],
            [
                [
                    ["Código", "Causa", "Qué hacer"],
                    ["E-4012", "la sesión venció", "volver a entrar"],
                    ["E-4013", r"cable \| router", "revisar la red"],
                ]
            ],
            [
                ["Import-VpnProfile -Path .\\oficina.ovpn", "Connect-Vpn oficina"],
                ["    ipconfig /all > red.txt"],
            ],
        ),
    ),
    (
        "planes.html",
        ten_documents.PLANS_HTML.encode,
        Expected(
            [(1, "Planes de soporte"), (2, "Precios"), (2, "Qué incluyen"), (3, "Consultar el plan")],
            [(0, "1. Mesa de ayuda"), (1, "- por teléfono"), (1, "- por chat"), (0, "2. Monitoreo")],
            [
                [
                    ["Plan", "Precio", "Respuesta"],
                    ["Básico", "$ 15.000", "8 horas"],
                    ["Profesional", "$ 42.500", "1 hora"],
                    ["Empresa", "a convenir", "1 hora"],
                ]
            ],
            [["curl -s https://api.soporte.test/plan \\", "  | jq .nombre"]],
            {"boilerplate": 33, "hidden-text": 20, "script": 12},
        ),
    ),
    (
        "correo.html",
        ten_documents.MAIL_HTML.encode,
        Expected(
            [(1, "Correo en el teléfono"), (2, "Servidores"), (2, "Pasos")],
            [(0, "3. Abra Ajustes"), (0, "4. Toque Cuentas"), (0, "- SSL")],
            [
                [
                    ["Servicio", "Servidor y puerto", ""],
                    ["IMAP", "imap.soporte.test", "993"],
                    ["SMTP", "smtp.soporte.test", "587"],
                ]
            ],
            dropped={"boilerplate": 15},
        ),
    ),
    (
        "impresoras.rst",
        ten_documents.PRINTER_RST.encode,
        Expected(
            [(1, "Impresoras"), (2, "Instalación"), (3, "Colas")],
            [
                (0, "1. Abra Configuración"),
                (0, "2. Elija Impresoras"),
                (1, "- HP del primer piso"),
                (1, "- Epson de ventas"),
            ],
            [
                [["Cola", "Piso"], ["hp-01", "1"], ["epson-02", "2"]],
                [["Estado", "Significado"], ["LISTA", "espera trabajos"], ["PAUSA", "la detuvo alguien"]],
            ],
            [["lpstat -p hp-01", "lpadmin -p hp-01 -E"]],
            {"comment": 36},
        ),
    ),
    (
        "codigos.csv",
        ten_documents.CODES_CSV.encode,
        Expected(
            [],
            tables=[
                [
                    ["código", "causa", "solución"],
                    ["E-4012", "la sesión venció", "volver a entrar"],
                    ["E-5001", "papel; atascado", "abrir la tapa"],
                ]
            ],
        ),
    ),
    (
        "ingreso.docx",
        ten_documents.onboarding_word,
        Expected(
            [(1, "Ingreso de personal"), (2, "Primer día"), (2, "Equipos")],
            [
                (0, "1. Crear la cuenta"),
                (1, "a) en el directorio"),
                (1, "b) en el correo"),
                (0, "2. Entregar el equipo"),
                (0, "- cargador"),
            ],
            [[["Puesto", "Equipo", "Monitor"], ["Ventas", "Portátil 14", "uno"], ["Soporte", "Mesa central", ""]]],
            [["New-ADUser -Name ana", "Enable-Mailbox ana"]],
        ),
    ),
    (
        "informe.docx",
        ten_documents.incident_word,
        Expected(
            [(1, "Informe del incidente 318"), (1, "Resumen"), (1, "Línea de tiempo")],
            tables=[[["Hora", "Qué pasó"], ["10:05", "cola detenida"], ["10:45", "servicio repuesto"]]],
            dropped={"deleted": 17, "hidden-text": 17, "running-header": 12},
        ),
    ),
    (
        "manual.pdf",
        ten_documents.manual_pdf,
        Expected(
            [(1, "1. Encendido"), (1, "2. Red"), (2, "2.1 Sin conexión"), (1, "3. Apagado")],
            tables=[
                [
                    ["Puerto", "Color", "Uso"],
                    ["1", "azul", "equipo"],
                    ["2", "gris", "teléfono"],
                    ["3", "rojo", "cámaras"],
                ]
            ],
            dropped={"page-number": 40, "running-header": 96},
        ),
    ),
    ("boletin.pdf", ten_documents.newsletter_pdf, Expected([])),
    (
        "comandos.pdf",
        ten_documents.commands_pdf,
        Expected(
            [],
            [(0, "• el cable de red"), (0, "• la luz del router"), (0, "• la sesión de la VPN")],
            code=[["ping -c 4 10.0.0.1", "if [ $? -ne 0 ]; then", "  systemctl restart openvpn", "fi"]],
            unread={2: "needs-ocr"},
        ),
    ),
]


def read(name: str, data: bytes) -> Document:
    path = Path(name)
    document = parse(Source(name, path, suffixes()[path.suffix], len(data), "0" * 64), data)
    check_document(document)
    return document


def blocks(document: Document, kind: str) -> Iterator[tuple[int, Block]]:
    """All blocks of a kind, wherever they are, and in how many of that kind each lies."""
    waiting = [(0, block) for block in reversed(document.blocks)]
    while waiting:
        depth, block = waiting.pop()
        if block.kind == kind:
            yield depth, block
            depth += 1
        waiting += [(depth, child) for child in reversed(block.children)]


def cells(text: str, suffix: str) -> list[str]:
    """Of a row."""
    if suffix == ".pdf":
        return text.split("\t")
    if suffix == ".csv":
        return next(csv.reader([text], delimiter=";"))
    return [cell.strip() for cell in text.splitlines()[0].removeprefix("| ").removesuffix(" |").split(" | ")]


@pytest.mark.parametrize(("name", "data", "expected"), DOCUMENTS, ids=[name for name, _, _ in DOCUMENTS])
def test_a_document_is_read_exactly(name: str, data: Callable[[], bytes], expected: Expected) -> None:
    document = read(name, data())

    def cut(block: Block) -> str:
        return document.text[block.char_start : block.char_end]

    assert [(block.level, block.label) for _, block in blocks(document, "heading")] == expected.headings
    assert [(depth, cut(block).strip().splitlines()[0]) for depth, block in blocks(document, "item")] == expected.items
    tables = [[cut(row) for row in block.children] for _, block in blocks(document, "table")]
    assert [[cells(row, Path(name).suffix) for row in table] for table in tables] == expected.tables
    fenced = [cut(block).splitlines() for _, block in blocks(document, "code")]
    assert [[line for line in lines if not line.startswith("```")] for lines in fenced] == expected.code
    assert {each.kind: each.characters for each in document.dropped} == expected.dropped
    assert {each.page: each.reason for each in document.page_problems} == expected.unread


def test_two_columns_are_read_one_after_the_other() -> None:
    document = read("boletin.pdf", ten_documents.newsletter_pdf())
    across = "Boletín de la mesa de ayuda para todas las sucursales y todos los usuarios de la empresa"
    assert document.text.split("\n\n") == [across, *ten_documents.COLUMNS]


def test_what_is_hidden_from_a_person_is_hidden_from_a_model() -> None:
    hidden = {
        "planes.html": (ten_documents.PLANS_HTML.encode(), "todo es gratis"),
        "informe.docx": (ten_documents.incident_word(), "No decir al cliente"),
    }
    for name, (data, text) in hidden.items():
        assert text not in read(name, data).text
