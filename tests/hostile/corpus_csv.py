"""Tables: quotes, delimiters, sizes, and what a spreadsheet would run."""

from corpus_case import BINARY, BOMB, SAID, Case, Content, Outcome, case


def _table(name: str, content: Content, why: str, *expect: Outcome, suffix: str = "csv") -> Case:
    return case(f"csv/{name}.{suffix}", content, *(expect or ("indexed",)), why=why)


CASES = [
    _table("plain", f"código,causa\nE-4012,{SAID}\n", "nothing odd about it"),
    _table("header-only", f"código,{SAID}\n", "a header and no row"),
    _table("semicolons", f"código;causa\nE-4012;{SAID}\nE-4013;1,5\n", "what Excel writes in Spain"),
    _table("tabs", f"código\tcausa\nE-4012\t{SAID}\n", "tabs", suffix="tsv"),
    _table("tabs-as-csv", f"código\tcausa\nE-4012\t{SAID}\n", "tabs by another suffix"),
    _table("bars", f"código|causa\nE-4012|{SAID}\n", "bars"),
    _table("sep-line", f"sep=;\ncódigo;causa\nE-4012;{SAID}\n", "Excel's way of saying what separates"),
    _table("carets", f"código^causa\nE-4012^{SAID}\n", "a separator that nobody expects"),
    _table("mixed", f"a,b;c\td|e\n1;2,3|{SAID}\t4\n", "every separator"),
    _table("one-column", f"causa\n{SAID}\nx\ny\n", "no separator at all"),
    _table("cr-only", f"a,b\r1,{SAID}\r2,x\r", "line ends of old Macs"),
    _table("mixed-ends", f"a,b\r\n1,{SAID}\n2,x\r3,y\n\r4,z", "every line end"),
    _table("lines-in-cells", f'a,b\n1,"x\r\n\r\ny\r{SAID}"\n2,"\n"\n', "cells of several lines"),
    _table(
        "quote-open", lambda said: f'a,b\n{said},"' + "x,y\n" * 100_000, "a quote open for 400 kB", "indexed", *BOMB
    ),
    _table("quote-open-text", f'a,b\n1,"{SAID}\n2,x\n', "a quote that nobody closes"),
    _table("quote-inside", f'a,b\n1,x"y"{SAID}\n2,"x"y,z\n', "quotes where none may be"),
    _table("quotes-doubled", f'a,b\n1,"x ""{SAID}"" y"\n2,""""""\n', "quotes in quotes"),
    _table("quotes-escaped", f'a,b\n1,"x \\"{SAID}\\" y"\n2,"\\"\n', "quotes after backslashes"),
    _table("quotes-single", f"a,b\n'1,5','{SAID}'\n'l''x','y'\n", "quotes of another kind"),
    _table("quotes-curly", f"a,b\n“1,5”,“{SAID}”\n", "quotes of a word processor"),
    _table("only-more-quotes", lambda said: f"a,b\n{said},x\n" + '"' * 100_000, "nothing but quotes"),
    _table("ragged", f"a,b,c\n1\n1,2,3,4,5,{SAID}\n\n,,,,,,,,\n", "rows of any length"),
    _table("columns", lambda said: ",".join(f"c{n}" for n in range(100_000)) + f"\n{said}", "100,000 columns"),
    _table(
        "columns-ragged",
        lambda said: "," * 100_000 + "\n" + "x\n" * 5_000 + said,
        "one wide row, and many that are not",
    ),
    _table("rows", lambda said: "a,b\n" + "c,d\n" * 50_000 + f"{said},x\n", "50,000 rows"),
    _table("rows-of-different-length", lambda said: "".join("x," * n + "\n" for n in range(500)) + said, "a triangle"),
    _table("giant-cell", lambda said: f'a,b\n{said},"' + ("y" * 199 + " ") * 2_000 + '"\n', "a cell of 400 kB"),
    _table(
        "giant-header", lambda said: ("y" * 199 + " ") * 2_000 + f",b\n1,{said}\n", "a header longer than any passage"
    ),
    _table("headers-twice", f"a,a,a,,\n1,{SAID},3,4,5\n", "columns with one name, and with none"),
    _table("only-separators", ",,,,\n" * 10_000, "rows and rows of nothing", "empty", "no-text"),
    _table("only-quotes", '"","",""\n' * 1_000, "cells and cells of nothing", "empty", "no-text"),
    _table(
        "formulas", f"a,b\n=cmd|'/c calc'!A1,{SAID}\n@SUM(1),+1-1\n-2+3|x,=HYPERLINK(x)\n", "a spreadsheet runs them"
    ),
    _table(
        "dynamic-exchange", f'a,b\n"=DDE(""cmd"";""/c calc"")",{SAID}\n"\t=1+1","\r=2"\n', "a spreadsheet runs them"
    ),
    _table("nul", f"a,b\n1,{SAID}\0\n", "a NUL: not a text file", "nul-characters"),
    _table("workbook", b"PK\x03\x04\x14\x00\x06\x00\x08\x00" + bytes(range(256)) * 30, "a workbook", *BINARY),
    _table("page", f"<html><table><tr><td>{SAID}</table></html>", "a page that is called a table"),
    _table("json", f'[{{"a": "{SAID}", "b": [1, 2]}}]', "JSON that is called a table"),
    _table("control-separators", f"a\x1fb\x1e1\x1f{SAID}\x1e", "ASCII's own separators"),
    _table("blank-lines", "a,b\n" + "\n" * 300_000 + f"1,{SAID}\n", "blank lines between two rows"),
    _table("numbers", lambda said: f"a,b\n{said},{'9' * 200_000}\n1e999999,NaN\n", "numbers out of range"),
    _table("comments", f"# nota\n# otra\na,b\n1,{SAID}\n", "lines that some programs leave out"),
    _table(
        "sniffer", lambda said: "a" * 8_000 + "\n" + "'" * 8_000 + f"\n{said}", "one delimiter is as likely as another"
    ),
]
