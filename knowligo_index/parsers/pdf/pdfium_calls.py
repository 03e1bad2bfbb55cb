"""The functions of PDFium that are called thousands of times for a page, without checks of their arguments.

PDFium computes the box of a character in 50 ns. With declared argument types, ctypes takes ten times as long to convert
three arguments and to release the interpreter lock; without them, and with the lock, a call takes 150 ns. The caller
must therefore pass valid arguments: a handle from `reference_to` or returned by one of these functions, a number that
fits into 32 bits, an address from ctypes.byref.
"""

import ctypes
from collections.abc import Callable
from typing import Any

import pypdfium2.raw as pdfium

_RETURNS_INT = ctypes.PYFUNCTYPE(ctypes.c_int)
_RETURNS_POINTER = ctypes.PYFUNCTYPE(ctypes.c_void_p)
_TAKES_POINTER = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p)

Handle = int | None
"""the handle of a page object; None where PDFium returns a null pointer, which it also accepts"""


def _address(function: object) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0  # type: ignore[arg-type]


def reference_to(handle: Any) -> object:
    """The handle of a page or a text page in the form that the functions below take."""
    return ctypes.byref(handle.contents)


get_loose_box: Callable[..., int] = _RETURNS_INT(_address(pdfium.FPDFText_GetLooseCharBox))
"""arguments: the text page, the index of the character, the address for the box"""

object_of_page: Callable[..., Handle] = _RETURNS_POINTER(_address(pdfium.FPDFPage_GetObject))
object_of_form: Callable[..., Handle] = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)(
    _address(pdfium.FPDFFormObj_GetObject)
)

kind_of_object: Callable[[Handle], int] = _TAKES_POINTER(_address(pdfium.FPDFPageObj_GetType))
objects_in_form: Callable[[Handle], int] = _TAKES_POINTER(_address(pdfium.FPDFFormObj_CountObjects))
render_mode: Callable[[Handle], int] = _TAKES_POINTER(_address(pdfium.FPDFTextObj_GetTextRenderMode))
is_transparent: Callable[[Handle], int] = _TAKES_POINTER(_address(pdfium.FPDFPageObj_HasTransparency))
"""whether a page object is transparent in any way; if not, its fill is opaque"""

fill_color: Callable[..., int] = ctypes.PYFUNCTYPE(ctypes.c_int, *[ctypes.c_void_p] * 5)(
    _address(pdfium.FPDFPageObj_GetFillColor)
)
"""arguments: the page object, the addresses for red, green, blue and alpha"""

text_object: Callable[..., Handle] = _RETURNS_POINTER(_address(pdfium.FPDFText_GetTextObject))
"""arguments: the text page, the index of the character"""
