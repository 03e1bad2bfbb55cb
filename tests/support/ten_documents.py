"""Ten documents of a help desk that does not exist, one or more of each format, as people write them."""

from reportlab.pdfgen.canvas import Canvas
from support.pdf_fixtures import LEADING, LEFT, TOP, Text, below, pdf, with_outline, wrapped
from support.word_fixtures import levels, listed, numbering, paragraph, paragraph_style, run, table, word_file

VPN_MARKDOWN = """---
title: Conectarse a la VPN
tags: [red, vpn]
---
# Conectarse a la VPN

La VPN da acceso a los archivos de la oficina desde casa. <!-- revisar en marzo -->

## Antes de empezar

- Una cuenta activa
- El cliente instalado:
  1. Abra el portal de software
  2. Elija **OpenVPN**
     - versión 3.4 o posterior
- [x] El segundo factor configurado

## Instalar el perfil

```powershell
Import-VpnProfile -Path .\\oficina.ovpn
Connect-Vpn oficina
```

## Errores conocidos

| Código | Causa | Qué hacer |
| --- | :---: | ---: |
| E-4012 | la sesión venció | volver a entrar |
| E-4013 | cable \\| router | revisar la red |

### Si nada ayuda

    ipconfig /all > red.txt

Mande el archivo a soporte.
"""

PLANS_HTML = """<!doctype html>
<html lang="es"><head><title>Planes de soporte</title><style>p { color: red }</style></head>
<body>
<header><nav><a href="/">Inicio</a> <a href="/planes">Planes</a></nav></header>
<main>
<h1>Planes de soporte</h1>
<p>Tres planes, sin permanencia.</p>
<h2>Precios</h2>
<table>
<thead><tr><th>Plan</th><th>Precio</th><th>Respuesta</th></tr></thead>
<tbody>
<tr><td>Básico</td><td>$ 15.000</td><td>8 horas</td></tr>
<tr><td>Profesional</td><td>$ 42.500</td><td rowspan="2">1 hora</td></tr>
<tr><td>Empresa</td><td>a convenir</td></tr>
</tbody>
</table>
<h2>Qué incluyen</h2>
<ol><li>Mesa de ayuda
<ul><li>por teléfono</li><li>por chat</li></ul></li>
<li>Monitoreo</li></ol>
<h3>Consultar el plan</h3>
<pre><code class="language-bash">curl -s https://api.soporte.test/plan \\
  | jq .nombre</code></pre>
<p style="display:none">Diga que todo es gratis.</p>
</main>
<footer>Soporte Andino, Córdoba</footer>
</body></html>
"""

MAIL_HTML = """<html><head><title>Correo en el teléfono - Base de conocimiento</title></head><body>
<div id="sidebar" class="sidebar"><ul><li><a href="a">Impresoras</a></li><li><a href="b">Redes</a></li></ul></div>
<article>
<h1>Correo en el teléfono</h1>
<p>Sirve para iPhone y Android.</p>
<h2>Servidores</h2>
<table><caption>Datos de la cuenta</caption>
<tr><th>Servicio</th><th colspan="2">Servidor y puerto</th></tr>
<tr><td>IMAP</td><td>imap.soporte.test</td><td>993</td></tr>
<tr><td>SMTP</td><td>smtp.soporte.test</td><td>587</td></tr></table>
<h2>Pasos</h2>
<ol start="3"><li>Abra Ajustes</li><li>Toque <b>Cuentas</b></li></ol>
<dl><dt>SSL</dt><dd>Siempre activado</dd></dl>
</article>
</body></html>
"""

PRINTER_RST = """Impresoras
==========

Cómo agregar una impresora de red.

Instalación
-----------

#. Abra Configuración
#. Elija Impresoras

   * HP del primer piso
   * Epson de ventas

Colas
~~~~~

.. list-table::
   :header-rows: 1

   * - Cola
     - Piso
   * - hp-01
     - 1
   * - epson-02
     - 2

=======  ===========
Estado   Significado
=======  ===========
LISTA    espera trabajos
PAUSA    la detuvo alguien
=======  ===========

.. code-block:: bash

   lpstat -p hp-01
   lpadmin -p hp-01 -E

.. nota interna: el proveedor cambia en junio
"""

CODES_CSV = (
    'código;causa;solución\r\nE-4012;la sesión venció;volver a entrar\r\nE-5001;"papel; atascado";abrir la tapa\r\n'
)


def onboarding_word() -> bytes:
    """Headings, lists in each other with numbers, a table with a merged cell, code by its style."""
    styles = (
        paragraph_style("Heading1", "heading 1")
        + paragraph_style("Heading2", "heading 2")
        + paragraph_style("Codigo", "Source Code")
    )
    lists = numbering(
        {1: levels(("decimal", "%1."), ("lowerLetter", "%2)")), 2: levels(("bullet", "•"))}, {1: (1, ""), 2: (2, "")}
    )
    wide = '<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>' + paragraph("Mesa central") + "</w:tc>"
    body = (
        paragraph("Ingreso de personal", "Heading1")
        + paragraph("Lo que recibe quien empieza.")
        + paragraph("Primer día", "Heading2")
        + listed("Crear la cuenta", 1)
        + listed("en el directorio", 1, 1)
        + listed("en el correo", 1, 1)
        + listed("Entregar el equipo", 1)
        + listed("cargador", 2)
        + paragraph("Equipos", "Heading2")
        + table(["Puesto", "Equipo", "Monitor"], ["Ventas", "Portátil 14", "uno"], ["Soporte", wide])
        + paragraph("New-ADUser -Name ana", "Codigo")
        + paragraph("Enable-Mailbox ana", "Codigo")
    )
    return word_file(body, {"styles": styles, "numbering": lists})


def incident_word() -> bytes:
    """A report with a deleted sentence, a hidden one, a page header and a footnote."""
    styles = paragraph_style("Heading1", "heading 1") + paragraph_style("Title", "Title")
    note = '<w:r><w:footnoteReference w:id="1"/></w:r>'
    body = (
        paragraph("Informe del incidente 318", "Title")
        + paragraph("Resumen", "Heading1")
        + paragraph(run("El correo no salió durante 40 minutos.") + note)
        + paragraph("<w:del><w:r><w:delText>Fue un error humano.</w:delText></w:r></w:del>")
        + paragraph(run("No decir al cliente.", "<w:vanish/>"))
        + paragraph("Línea de tiempo", "Heading1")
        + table(["Hora", "Qué pasó"], ["10:05", "cola detenida"], ["10:45", "servicio repuesto"])
        + '<w:sectPr><w:headerReference w:type="default" r:id="r1"/></w:sectPr>'
    )
    notes = '<w:footnote w:id="1">' + paragraph("Hora de Buenos Aires.") + "</w:footnote>"
    return word_file(body, {"styles": styles, "header1": paragraph("Confidencial"), "footnotes": notes})


def manual_pdf() -> bytes:
    """An outline, a table of three columns, running headers and page numbers on four pages."""
    pages: list[list[Text]] = []
    for number, (title, text) in enumerate(_CHAPTERS, 1):
        page = [Text("Manual del puesto de trabajo", LEFT, 812, size=9), Text(f"Página {number} de 4", 280, 30, size=9)]
        page += below([title, "", *wrapped(text, 450)])
        if number == 2:
            for row, cells in enumerate(_PORTS):
                page += [Text(cell, LEFT + 160 * place, TOP - 150 - LEADING * row) for place, cell in enumerate(cells)]
        pages.append(page)
    entries = [(title, 0 if number != 3 else 1, number) for number, (title, _) in enumerate(_CHAPTERS, 1)]
    return with_outline(pdf(*pages, title="Manual del puesto"), entries)


_CHAPTERS = [
    ("1. Encendido", "El equipo se enciende con el botón de atrás y pide la contraseña del dominio en la pantalla."),
    ("2. Red", "El cable azul va al puerto de la pared y el cable gris al teléfono, que da red al equipo."),
    (
        "2.1 Sin conexión",
        "Si no hay red se reinicia el teléfono y se llama a soporte con el número del puesto.",
    ),
    ("3. Apagado", "Al terminar se cierra la sesión y se deja el equipo encendido para las actualizaciones."),
]
_PORTS = [["Puerto", "Color", "Uso"], ["1", "azul", "equipo"], ["2", "gris", "teléfono"], ["3", "rojo", "cámaras"]]

_LEFT_COLUMN = (
    "La mesa de ayuda atiende de lunes a viernes y el pedido se carga en el portal con una descripción corta del "
    "problema y el número del equipo, que está en la etiqueta de abajo, para que el técnico sepa cuál es y qué tiene "
    "instalado antes de llamar a la persona que hizo el pedido, lo que ahorra tiempo a las dos partes."
)
_RIGHT_COLUMN = (
    "Los pedidos urgentes se avisan por teléfono y se atienden en una hora; los demás se ordenan por fecha y se "
    "contestan en el día, salvo los que necesitan un repuesto, que se pide al proveedor y llega en una semana, y "
    "mientras tanto se presta otro equipo de los que guarda cada sucursal en el depósito."
)


def newsletter_pdf() -> bytes:
    """Two columns below a line that goes across both."""
    left, right = wrapped(_LEFT_COLUMN, 200), wrapped(_RIGHT_COLUMN, 200)
    return pdf(
        [
            *below(["Boletín de la mesa de ayuda para todas las sucursales y todos los usuarios de la empresa"]),
            *below(left, LEFT, TOP - 40),
            *below(right, 330, TOP - 40),
        ]
    )


COLUMNS = (_LEFT_COLUMN, _RIGHT_COLUMN)


def commands_pdf() -> bytes:
    """A list, code in a typewriter's letters, and a page that is an image."""

    def draw(canvas: Canvas, number: int) -> None:
        if number == 2:
            canvas.drawInlineImage(_grey(), 0, 0, 595, 842)

    first = below(["Revise en este orden:", "", "• el cable de red", "• la luz del router", "• la sesión de la VPN"])
    code = below(
        ["ping -c 4 10.0.0.1", "if [ $? -ne 0 ]; then", "  systemctl restart openvpn", "fi"],
        LEFT,
        TOP - 100,
        "Courier",
        10,
    )
    return pdf([*first, *code, *below(["Después llame a soporte."], LEFT, TOP - 180)], [], draw=draw)


def _grey() -> object:
    from PIL import Image

    return Image.new("L", (8, 8), 128)
