"""The drawings of a page: images, lines and areas, and text that is not visible."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import repeat

import pypdfium2.raw as pdfium

from knowligo_index.parsers.pdf.pdfium_calls import (
    Handle,
    fill_color,
    is_transparent,
    kind_of_object,
    object_of_form,
    object_of_page,
    objects_in_form,
    reference_to,
    render_mode,
)

MAX_OBJECTS = 200_000
"""on one page; further objects are not read"""
_MAX_DEPTH = 4

_INVISIBLE_MODES = frozenset((pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP))
_NO_TEXT = pdfium.FPDF_TEXTRENDERMODE_UNKNOWN
_FULL_PAGE_SHARE = 0.6
_WHITE = (255, 255, 255)


@dataclass(slots=True)
class Drawings:
    """How many drawings a page has."""

    images: int = 0
    image_share: float = 0.0
    """share of the page that the largest image covers"""
    lines_and_areas: int = 0
    unseen: set[Handle] = field(default_factory=set)
    """the text objects that are not visible"""


def read_drawings(page: object, area: float) -> Drawings:
    """The drawings of the page (a handle of PDFium), whose area is given in square points.

    Text in an invisible rendering mode is not visible, unless an image covers the page: then it is the result of OCR.
    White text is not visible on a page without other drawings.
    """
    drawings = Drawings()
    texts, modes, objects, kinds = _objects(page)
    drawings.lines_and_areas = kinds.count(pdfium.FPDF_PAGEOBJ_PATH) + kinds.count(pdfium.FPDF_PAGEOBJ_SHADING)
    drawings.images = kinds.count(pdfium.FPDF_PAGEOBJ_IMAGE)
    if drawings.images:
        images = [item for item, kind in zip(objects, kinds, strict=True) if kind == pdfium.FPDF_PAGEOBJ_IMAGE]
        drawings.image_share = max([0.0, *map(_area, images)]) / max(area, 1.0)
    if drawings.image_share < _FULL_PAGE_SHARE:
        if not _INVISIBLE_MODES.isdisjoint(modes):
            pairs = zip(texts, modes, strict=True)
            drawings.unseen.update([text for text, mode in pairs if mode in _INVISIBLE_MODES])
        drawings.unseen.update([text for text in filter(is_transparent, texts) if _color(text)[3:] == (0,)])
        if not drawings.images and not drawings.lines_and_areas:
            drawings.unseen.update([text for text in texts if _color(text)[:3] == _WHITE])
    return drawings


def _objects(page: object) -> tuple[list[Handle], list[int], list[Handle], list[int]]:
    """The objects of the page and of the forms on it: texts, their rendering modes, other objects, their kinds."""
    texts: list[Handle] = []
    modes: list[int] = []
    other_objects: list[Handle] = []
    kinds: list[int] = []
    forms: list[tuple[Handle, int]] = []
    get: Callable[..., Handle] = object_of_page
    holder, depth, count, read_count = reference_to(page), 0, pdfium.FPDFPage_CountObjects(page), 0
    while True:
        objects = list(map(get, repeat(holder), range(min(count, MAX_OBJECTS - read_count))))
        object_modes = list(map(render_mode, objects))
        if _NO_TEXT in object_modes:
            non_texts = [item for item, mode in zip(objects, object_modes, strict=True) if mode == _NO_TEXT]
            objects = [item for item, mode in zip(objects, object_modes, strict=True) if mode != _NO_TEXT]
            object_modes = [mode for mode in object_modes if mode != _NO_TEXT]
            non_text_kinds = list(map(kind_of_object, non_texts))
            if depth < _MAX_DEPTH and pdfium.FPDF_PAGEOBJ_FORM in non_text_kinds:
                pairs = zip(non_texts, non_text_kinds, strict=True)
                forms += [(form, depth + 1) for form, kind in pairs if kind == pdfium.FPDF_PAGEOBJ_FORM]
            other_objects += non_texts
            kinds += non_text_kinds
        texts += objects
        modes += object_modes
        read_count += max(count, 0)
        if read_count >= MAX_OBJECTS or not forms:
            return texts, modes, other_objects, kinds
        holder, depth = forms.pop()
        count, get = objects_in_form(holder), object_of_form


def _color(page_object: Handle) -> tuple[int, ...]:
    """Red, green, blue and alpha of the fill; empty if there is none."""
    values = (ctypes.c_uint * 4)()
    addresses = [ctypes.byref(values, 4 * index) for index in range(4)]
    return tuple(values) if fill_color(page_object, *addresses) else ()


def _area(page_object: Handle) -> float:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(ctypes.cast(page_object or 0, pdfium.FPDF_PAGEOBJECT), left, bottom, right, top)
    return (right.value - left.value) * (top.value - bottom.value)
