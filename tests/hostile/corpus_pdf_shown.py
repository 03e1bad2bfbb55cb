"""PDF files whose structure is sound, and whose pages are not what they seem: images, hidden text, odd pages."""

from corpus_case import PROSE, case
from corpus_pdf_maker import FONT, IMAGE, PAGE, escaped, show, to_unicode
from corpus_pdf_page import BAD, canvas_of, font, lines, mapped, on_a_page, written

ARABIC = "لإعادة تعيين كلمة المرور افتح صفحة الدخول ثم اتبع التعليمات التي تصلك بالبريد"
GREEK = "Για να επαναφέρετε τον κωδικό πρόσβασης ανοίξτε τη σελίδα και ακολουθήστε τις οδηγίες"
CHINESE = "如何重置邮箱密码请打开登录页面并按照邮件中的说明进行操作如有问题请联系管理员"

DRAWN = b"q 612 0 0 792 0 0 cm /I1 Do Q\n"
WITH_IMAGE = (
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]"
    b"/Resources<</Font<</F1 4 0 R>>/XObject<</I1 6 0 R>>>>/Contents 5 0 R>>"
)
SCAN = {PAGE: WITH_IMAGE, 6: IMAGE}
CASES = [
    on_a_page("plain", b"", "nothing odd about it"),
    on_a_page("scan", DRAWN, "nothing but an image", "needs-ocr", more=SCAN),
    case("pdf/scans.pdf", lambda _: canvas_of(None, None, None), "needs-ocr", why="three pages of images"),
    case("pdf/scans-and-page.pdf", lambda said: canvas_of(None, said, None), "indexed", why="one page of text is one"),
    on_a_page(
        "scan-with-text", DRAWN + show(BAD, "3 Tr"), "text that OCR has put behind the image", more=SCAN, needle=BAD
    ),
    on_a_page("blank", b"", "not a mark on the page", "no-text"),
    on_a_page("blanks", show(" ") * 9, "nothing but spaces", "no-text"),
    on_a_page("drawing", b"0 0 m 300 300 l S 9 9 99 99 re f\n" * 20, "nothing but lines", "no-text"),
    on_a_page("no-contents", b"", "a page without contents", "no-text", more={PAGE: b"<</Type/Page/Parent 2 0 R>>"}),
    on_a_page("invisible", show(BAD, "3 Tr", "72 600"), "text that is not drawn"),
    on_a_page("white", b"1 g " + show(BAD, at="72 600"), "white on white"),
    on_a_page("off-page", show(BAD, at="-9000 600"), "text beside the page"),
    on_a_page("tiny", b"0.001 0 0 0.001 0 0 cm " + show(BAD), "text of a hundredth of a point"),
    on_a_page("clipped", b"q 0 0 1 1 re W n " + show(BAD, at="72 600") + b"Q", "text outside of what is shown"),
    on_a_page("covered", show(BAD, at="72 600") + b"0 g 0 590 612 40 re f", "text under a black bar"),
    on_a_page(
        "layer",
        b"/OC /L BDC " + show(BAD, at="72 600") + b"EMC",
        "a layer that is switched off",
        catalog=b"/OCProperties<</OCGs[6 0 R]/D<</OFF[6 0 R]>>>>",
        more={6: b"<</Type/OCG/Name(x)>>"},
    ),
    on_a_page(
        "actual-text",
        b"/Span <</ActualText(%s)>> BDC " % escaped(BAD) + show("x", at="72 600") + b"EMC",
        "says that it reads otherwise",
    ),
    on_a_page("turned", b"", "a page that stands on its head, and a turn that there is not", on_page=b"/Rotate 180"),
    on_a_page("turned-oddly", b"", "a turn that there is not", on_page=b"/Rotate 45"),
    on_a_page("unit", b"", "a point as large as a country", on_page=b"/UserUnit 1e30"),
    on_a_page("arabic-letters-too", show("ABC " * 20, at="72 600"), "the same word again and again"),
    written("arabic", ARABIC, "Arabic is no garbage"),
    written("greek", GREEK, "Greek is no garbage"),
    written("chinese", CHINESE, "Chinese is no garbage"),
    mapped("shifted", 3, "each letter is the third after it"),
    mapped("shifted-back", -29, "what a font without a map gives"),
    mapped("private", 0xE000, "letters that only one font knows"),
    mapped("controls", 0x80, "letters that are control characters, and Latin ones"),
    on_a_page(
        "replacement",
        lines(PROSE),
        "every letter unknown",
        "garbled",
        more={FONT: font(b"/ToUnicode 6 0 R"), 6: to_unicode((code, "\ufffd") for code in range(32, 256))},
    ),
]
