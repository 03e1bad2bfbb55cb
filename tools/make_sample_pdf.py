"""Write the sample user manual, a PDF in Spanish, for the sample knowledge base.

    python tools/make_sample_pdf.py [OUTPUT]

OUTPUT is knowledge/guias/manual-de-usuario.pdf by default. The script needs reportlab, uses only the fonts that every
PDF reader has, and writes no date or random identifier. Therefore the same release of reportlab always writes the same
bytes.

The text is MANUAL: "# " starts a chapter on a new page, "## " a section, "- " a bullet, "1. " a step, "> " a note and
"|" a row of a table, whose first row is the header. Other lines that follow each other are one paragraph. The manual
makes this file longer than 200 lines.
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle as Style
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageBreak, PageTemplate, Paragraph, Table

DEFAULT_OUTPUT = Path(__file__).resolve().parent.parent / "knowledge" / "guias" / "manual-de-usuario.pdf"
FOOTER = "KnowLigo · Manual de usuario · Versión 3.2, octubre de 2026"

MANUAL = """
# Manual de usuario
Este manual es para las personas que usan la mesa de ayuda todos los días: cómo entrar al portal, cómo pedir
ayuda, qué hace el agente instalado en tu equipo y cómo decidir qué avisos querés recibir. Corresponde a la
versión 3.2 del portal y a la 5.4 del agente.
## Qué hay en cada capítulo
- <b>1. Entrar al portal.</b> El primer ingreso, los roles y los atajos del teclado.
- <b>2. Pedir ayuda.</b> Los campos de un ticket, los adjuntos y la encuesta.
- <b>3. El agente en tu equipo.</b> Requisitos, colores del ícono y reinicios.
- <b>4. Avisos y preferencias.</b> Qué te llega, por dónde y a qué hora.
- <b>5. Archivos compartidos e informes.</b> Límites, enlaces y planillas.
> Si algo de este manual no coincide con lo que ves, escribí a manuales@knowligo.example con el número de
> página. Corregimos el manual el primer jueves de cada mes.
## Antes de empezar
1. Tené a mano el correo de invitación: vence a los 7 días de enviado.
2. Usá Firefox, Chrome, Edge o Safari, en una de sus dos últimas versiones.
3. Instalá en el celular una aplicación de códigos: la vas a necesitar en el primer ingreso.

# 1. Entrar al portal
## Primer ingreso
1. Abrí el enlace de la invitación y elegí una contraseña de 14 caracteres o más.
2. Escaneá el código QR con la aplicación del celular y escribí las seis cifras que aparecen.
3. Descargá los códigos de recuperación y guardalos fuera del celular.
4. Completá tu ficha: puesto, sede y una foto de frente, que sirve para verificar tu identidad.
La sesión se cierra después de 30 minutos sin actividad (E-4012). Si estabas escribiendo un ticket, el
borrador te espera durante 2 horas en <b>Mis tickets › Borradores</b>.
## Roles
| Rol | Qué puede hacer | Cuántos por cuenta |
| Solicitante | Abrir tickets propios y en nombre de otros | Sin límite |
| Observador | Leer todos los tickets de su sede, sin responder | Hasta 5 |
| Referente | Aprobar pedidos, ver el inventario y pedir altas | Hasta 4 |
| Administrador | Todo lo anterior, más facturas, API y permisos | Hasta 2 |
Cuando el referente se va de vacaciones, puede delegar su rol desde <b>Equipo › Delegar</b> por un máximo de
30 días. La delegación se corta sola en la fecha elegida y queda anotada en el registro de auditoría.
## Atajos del teclado
| Tecla | Acción |
| N | Ticket nuevo |
| B | Buscar en la base de ayuda |
| Alt + R | Responder el ticket abierto |
| ? | Mostrar todos los atajos |

# 2. Pedir ayuda
## Abrir un ticket
1. Tocá <b>Ticket nuevo</b> o la tecla N.
2. Elegí el servicio. Si dudás, dejá <b>No sé</b>: lo clasifica la mesa.
3. Escribí un asunto que diga qué pasa y dónde, no «ayuda» ni «urgente».
4. Contá desde cuándo ocurre, a quiénes afecta y qué probaste.
5. Adjuntá una captura y tocá <b>Enviar</b>.
Mientras escribís, el portal muestra hasta tres artículos parecidos. Si uno te sirve, tocá <b>Me sirvió</b> y
el ticket no se crea.
## Adjuntos
| Tipo | Cantidad por ticket | Tamaño máximo |
| Imágenes (PNG, JPG, WebP) | 10 | 20 MB cada una |
| Videos (MP4, WebM) | 2 | 3 minutos o 150 MB |
| Documentos y planillas | 10 | 20 MB cada uno |
| Programas y scripts | No se aceptan | — |
Todo adjunto pasa por un antivirus y demora hasta un minuto en quedar visible. Antes de mandar una captura,
usá el lápiz negro para <b>tapar datos</b>: lo que tapás se borra de la imagen antes de subirla.
## Botón Emergencia P1
Es para cuando toda la empresa o un servicio esencial está detenido. Al tocarlo, el portal pregunta tres cosas
(qué se cayó, desde cuándo y cuánta gente), y abre una llamada de audio en la misma página. Si se corta, el
técnico vuelve a llamar dos veces, con 3 minutos de diferencia.
## Encuesta
A las 24 horas del cierre llega una encuesta de dos preguntas, con nota de 1 a 5. Una nota de 1 o 2 abre sola
una revisión: en 2 días hábiles te escribe alguien de Calidad, que nunca es quien te atendió.

# 3. El agente en tu equipo
El agente es un programa chico que informa el estado de la máquina, instala lo que pedís del catálogo y hace
las copias de seguridad. Consume menos del 2 % del procesador en un día normal.
## Requisitos
| Sistema | Versión mínima | Memoria | Disco libre |
| Windows | 10 22H2 | 4 GB | 600 MB |
| macOS | 13 | 4 GB | 700 MB |
| Ubuntu | 22.04 | 2 GB | 450 MB |
| Fedora | 39 | 2 GB | 450 MB |
## Colores del ícono
- <b>Verde</b>: todo en orden, con una copia hecha en las últimas 48 horas.
- <b>Amarillo</b>: falta reiniciar o hay una actualización esperando.
- <b>Rojo</b>: sin conexión con la mesa (E-4701) o disco casi lleno (E-4707).
- <b>Azul que parpadea</b>: un técnico está conectado.
- <b>Gris</b>: el agente está pausado o todavía no se inscribió.
## Pausar el agente
Si vas a dar una presentación, hacé clic derecho en el ícono y elegí <b>Modo presentación</b>. Durante 90
minutos no hay avisos, copias ni actualizaciones. Se puede usar dos veces por día y nunca frena las alertas de
seguridad.
## Actualizaciones y reinicios
1. Las actualizaciones se bajan durante el día, sin ocupar más de la cuarta parte de tu conexión.
2. Se instalan a partir de las 13, o cuando bloqueás la pantalla.
3. Si hace falta reiniciar, aparece un cartel. Podés postergar el reinicio tres veces, 4 horas cada vez.
4. A la cuarta, el equipo avisa 15 minutos antes y reinicia, aunque tengas programas abiertos.
Las correcciones críticas de seguridad se pueden postergar una sola vez. En equipos de sala o de recepción, el
referente puede fijar un horario único de reinicio para toda la sede.

# 4. Avisos y preferencias
## Qué avisos existen
Se configuran en <b>Mi cuenta › Avisos</b>. Los que dicen «siempre» no se pueden apagar.
| Aviso | Portal | Correo | Celular |
| Respuesta de un técnico | Siempre | Sí | Sí |
| Cambio de estado de un ticket | Siempre | No | No |
| Pedido que espera tu aprobación | Siempre | Siempre | Sí |
| Ingreso desde un equipo nuevo | Siempre | Siempre | Siempre |
| Copia de seguridad atrasada | Sí | Sí | No |
| Artículos nuevos de la base de ayuda | Sí | No | No |
## Horas de silencio
Podés elegir una franja diaria sin avisos en el celular. Viene puesta de 21 a 7. Lo que llegue en ese rato se
junta y se entrega al terminar la franja. Hay dos excepciones: los incidentes P1 que te afectan y los ingresos
desde un equipo nuevo.
## Resumen diario
Si preferís un solo correo por día, activá <b>Resumen diario</b>. Sale a las 7:45, de lunes a viernes, y reúne
los tickets abiertos, lo que espera una respuesta tuya y los mantenimientos de la semana.
## Ausencias
1. Abrí <b>Mi cuenta › Ausencia</b> y elegí las fechas.
2. Indicá quién te reemplaza; tiene que ser de la misma sede.
3. Tus tickets quedan visibles para esa persona y los recordatorios automáticos se frenan.

# 5. Archivos compartidos e informes
## Archivos compartidos
Sirven para pasar algo grande a un compañero, a un técnico o a alguien de afuera sin mandarlo por correo.
| Límite | Valor |
| Tamaño máximo de un archivo | 8 GB |
| Espacio por persona | 20 GB |
| Duración del enlace | 14 días |
| Descargas por enlace | 50 |
1. Abrí <b>Archivos</b> y soltá lo que quieras compartir.
2. Tocá <b>Crear enlace</b> y elegí si pide contraseña. Hacia afuera de la empresa la pide siempre.
3. Para cortarlo antes de tiempo, tocá <b>Revocar</b>: deja de andar en el acto.
## Informes para referentes
En <b>Informes</b> hay seis planillas listas. Se ven en pantalla o se bajan en CSV, con hasta 24 meses de
historia.
| Informe | Qué muestra | Se actualiza |
| Tickets por área | Cantidad, tiempo y motivo | Cada hora |
| Cumplimiento del SLA | Porcentaje por prioridad | El día 5 |
| Inventario | Equipos, antigüedad y garantía | Cada 15 minutos |
| Copias | Último resultado de cada equipo | Cada hora |
| Doble factor | Quién no lo activó | Cada hora |
| Consumo | Visitas, tickets extra y espacio | Una vez por día |
## Programar un envío
Un informe se puede mandar solo, por correo, a un máximo de 6 personas. Elegí la frecuencia (semanal o
mensual) y la hora. El archivo viaja cifrado y se abre con el código que cada destinatario ve en su portal. Un
envío que nadie abre durante tres meses se desactiva.
"""

BLUE, PALE, GREY, INK = HexColor("#17507a"), HexColor("#edf3f8"), HexColor("#667480"), HexColor("#1d2730")
WIDTH, HEIGHT, MARGIN = A4[0], A4[1], 22 * mm
BODY = Style("body", fontName="Helvetica", fontSize=11.5, leading=17.5, textColor=INK, spaceAfter=9)
NOTE = Style("note", BODY, backColor=PALE, borderPadding=7, leftIndent=8, rightIndent=8, spaceBefore=12)
ITEM = Style("item", BODY, leftIndent=20, bulletIndent=4, bulletFontSize=11.5, spaceAfter=5)
CELL = Style("cell", BODY, fontSize=10.5, leading=15, spaceAfter=0)
HEAD = Style("head", CELL, fontName="Helvetica-Bold", textColor=white)
H1 = Style("h1", HEAD, fontSize=22, leading=28, textColor=BLUE, spaceAfter=12)
H2 = Style("h2", H1, fontSize=14, leading=18, spaceBefore=13, spaceAfter=6, keepWithNext=1)
KINDS = {"# ": "h1", "## ": "h2", "- ": "bullet", "> ": "note", "|": "row"}


def blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield (kind, items) for each run of lines of the same kind: an item a line, but one for a paragraph or note."""
    kind, items = "", list[str]()
    for line in text.splitlines():
        mark = re.match(r"#{1,2} |- |> |\||\d\. ", line)
        next_kind = (KINDS.get(mark.group(), "step") if mark else "text") if line else ""
        content = line[mark.end() :] if mark else line
        if next_kind != kind:
            yield kind, items
            kind, items = next_kind, [content]
        elif kind in ("text", "note"):
            items[-1] += " " + content
        else:
            items.append(content)
    yield kind, items


def table(rows: list[str]) -> Table:
    """A table whose columns are as wide, in proportion, as their longest cells."""
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    lengths = [max(12, *(len(cell) for cell in column)) for column in zip(*cells, strict=True)]
    data = [[Paragraph(cell, CELL if row else HEAD) for cell in line] for row, line in enumerate(cells)]
    style: list[tuple[Any, ...]] = [
        ("BACKGROUND", (0, 0), (-1, 0), BLUE),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), [white, PALE]),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor("#c9d5df")),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ]
    widths = [(WIDTH - 2 * MARGIN) * length / sum(lengths) for length in lengths]
    return Table(data, colWidths=widths, style=style, spaceBefore=3, spaceAfter=10, repeatRows=1)


def flowables(text: str) -> list[Flowable]:
    """The elements of the document, in reportlab's types."""
    flow: list[Flowable] = []
    for kind, items in blocks(text):
        if kind == "h1":
            flow += [*([PageBreak()] if flow else []), Paragraph(items[0], H1)]
        elif kind == "row":
            flow += [table(items)]
        elif kind in ("bullet", "step"):
            marks = ["–" if kind == "bullet" else f"{number}." for number in range(1, len(items) + 1)]
            flow += [Paragraph(item, ITEM, bulletText=mark) for item, mark in zip(items, marks, strict=True)]
        elif kind:
            flow += [Paragraph(item, {"h2": H2, "note": NOTE}.get(kind, BODY)) for item in items]
    return flow


def footer(canvas: Any, document: BaseDocTemplate) -> None:
    canvas.setFillColor(BLUE)
    canvas.rect(0, HEIGHT - 6 * mm, WIDTH, 6 * mm, stroke=0, fill=1)
    canvas.setFillColor(GREY)
    canvas.setFont("Helvetica", 8.5)
    canvas.drawString(MARGIN, 12 * mm, FOOTER)
    canvas.drawRightString(WIDTH - MARGIN, 12 * mm, f"Página {document.page}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the sample user manual, a PDF in Spanish.")
    parser.add_argument("output", nargs="?", type=Path, default=DEFAULT_OUTPUT, help="file to write")
    output: Path = parser.parse_args().output
    output.parent.mkdir(parents=True, exist_ok=True)
    document = BaseDocTemplate(str(output), pagesize=A4, title="Manual de usuario", lang="es-AR", invariant=1)
    frame = Frame(MARGIN, 18 * mm, WIDTH - 2 * MARGIN, HEIGHT - 34 * mm, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate("page", frames=[frame], onPageEnd=footer))
    document.build(flowables(MANUAL))


if __name__ == "__main__":
    main()
