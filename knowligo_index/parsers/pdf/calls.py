"""PDFium's functions that are called thousands of times a page, without the checks of their arguments.

For the box of a character PDFium takes 50 ns. ctypes takes ten times as long to look at three arguments and to let
other threads run meanwhile, and 150 ns where it is told nothing of them. Then whoever calls has to see to it that they
are right: a handle as `reference_to` gives it or as the function before returned it, a number that fits into 32 bits,
an address as ctypes.byref gives it.
"""

import ctypes
from collections.abc import Callable
from typing import Any

import pypdfium2.raw as pdfium

_FILLS = ctypes.PYFUNCTYPE(ctypes.c_int)
_FINDS = ctypes.PYFUNCTYPE(ctypes.c_void_p)
_TELLS = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p)

Handle = int | None
"""of an object; PDFium answers None with 0"""


def _address(function: object) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0  # type: ignore[arg-type]


def reference_to(handle: Any) -> object:
    """The handle of a page or a text page, as the functions below take it."""
    return ctypes.byref(handle.contents)


get_loose_box: Callable[..., int] = _FILLS(_address(pdfium.FPDFText_GetLooseCharBox))
"""of the text page, the place of the character, where to write the box"""

object_of_page: Callable[..., Handle] = _FINDS(_address(pdfium.FPDFPage_GetObject))
object_of_form: Callable[..., Handle] = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)(
    _address(pdfium.FPDFFormObj_GetObject)
)

kind_of_object: Callable[[Handle], int] = _TELLS(_address(pdfium.FPDFPageObj_GetType))
objects_in_form: Callable[[Handle], int] = _TELLS(_address(pdfium.FPDFFormObj_CountObjects))
render_mode: Callable[[Handle], int] = _TELLS(_address(pdfium.FPDFTextObj_GetTextRenderMode))
is_transparent: Callable[[Handle], int] = _TELLS(_address(pdfium.FPDFPageObj_HasTransparency))
"""in some way: where it is not, it is filled as a whole"""

fill_color: Callable[..., int] = ctypes.PYFUNCTYPE(ctypes.c_int, *[ctypes.c_void_p] * 5)(
    _address(pdfium.FPDFPageObj_GetFillColor)
)
"""of the object, where to write red, green, blue and how opaque it is"""

text_object: Callable[..., Handle] = _FINDS(_address(pdfium.FPDFText_GetTextObject))
"""of the text page and the place of the character"""
