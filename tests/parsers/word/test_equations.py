"""Word files: equations as a line of text."""

import pytest
from support.word_fixtures import dropped, paragraph, read, run, table

from knowligo_index.errors import ParseError


def t(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


def part(name: str, *parts: tuple[str, str], properties: str = "") -> str:
    inside = "".join(f"<m:{kind}>{content}</m:{kind}>" for kind, content in parts)
    return f"<m:{name}><m:{name}Pr>{properties}</m:{name}Pr>{inside}</m:{name}>"


def power(base: str, exponent: str) -> str:
    return part("sSup", ("e", base), ("sup", exponent))


def fraction(above: str, below: str, properties: str = "") -> str:
    return part("f", ("num", above), ("den", below), properties=properties)


def brackets(*parts: str, properties: str = "") -> str:
    return part("d", *(("e", each) for each in parts), properties=properties)


def equation(inside: str) -> str:
    return f"<m:oMath>{inside}</m:oMath>"


LIMITS = (("sub", t("i=1")), ("sup", t("n")))


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (power(t("x"), t("2")), "x^2"),
        (power(t("x+1"), t("n-1")), "(x+1)^(n-1)"),
        (power(brackets(t("x+1")), t("2")), "(x+1)^2"),
        (power(brackets(t("a")) + brackets(t("b")), t("2")), "((a)(b))^2"),
        (part("sSub", ("e", t("a")), ("sub", t("10"))), "a_10"),
        (part("sSubSup", ("e", t("a")), ("sub", t("i")), ("sup", t("j k"))), "a_i^(j k)"),
        (part("sPre", ("sub", t("6")), ("sup", t("14")), ("e", t("C"))), "_6^14 C"),
        (fraction(t("a"), t("b")), "a/b"),
        (fraction(t("a+b"), t("2c")), "(a+b)/2c"),
        (power(fraction(t("a"), t("b")), t("2")), "(a/b)^2"),
        (brackets(fraction(t("n"), t("k"), '<m:type m:val="noBar"/>')), "(binom(n, k))"),
        (part("rad", ("deg", ""), ("e", t("x+1"))), "sqrt(x+1)"),
        (part("rad", ("deg", t("3")), ("e", t("x"))), "root(3, x)"),
        (part("nary", *LIMITS, ("e", t("x")), properties='<m:chr m:val="∑"/>'), "sum_(i=1)^n x"),
        (part("nary", ("e", t("f dx"))), "int f dx"),
        (part("nary", ("sub", t("C")), ("e", t("f")), properties='<m:chr m:val="∯"/>'), "∯_C f"),
        (brackets(t("a"), t("b")), "(a|b)"),
        (brackets(t("x"), properties='<m:begChr m:val="["/><m:endChr m:val=""/>'), "[x"),
        (brackets(t("x"), t("y"), properties='<m:sepChr m:val=";"/>'), "(x;y)"),
        (part("func", ("fName", t("sen")), ("e", t("x"))), "sen(x)"),
        (part("func", ("fName", t("log")), ("e", brackets(t("x")))), "log(x)"),
        (
            part(
                "func", ("fName", part("limLow", ("e", t("lim")), ("lim", t("n→∞")))), ("e", fraction(t("1"), t("n")))
            ),
            "lim_(n→∞)(1/n)",
        ),
        (part("limUpp", ("e", t("A")), ("lim", t("def"))), "A^def"),
        (
            part("m", *(("mr", f"<m:e>{t(left)}</m:e><m:e>{t(right)}</m:e>") for left, right in ("ab", "cd"))),
            "[a, b; c, d]",
        ),
        (part("eqArr", ("e", t("x=1")), ("e", t("y=2"))), "x=1; y=2"),
        (part("acc", ("e", t("v")), properties='<m:chr m:val="\u20d7"/>'), "vec(v)"),
        (part("acc", ("e", t("v"))), "hat(v)"),
        (part("acc", ("e", t("v")), properties='<m:chr m:val="~"/>'), "accent(v)"),
        (part("bar", ("e", t("v")), properties='<m:pos m:val="top"/>'), "overline(v)"),
        (part("bar", ("e", t("v"))), "underline(v)"),
        (part("groupChr", ("e", part("box", ("e", t("x+y"))))), "x+y"),
        (t("2") + power(t("x"), t("2")) + power(t("y"), t("3")) + t("+1"), "2x^2 y^3+1"),
        ("<m:f><m:num/></m:f>" + t("x") + f"<m:f>{t('perdido')}</m:f>", "/x/perdido"),
        (f"<w:ins>{t('a')}</w:ins><w:del>{t('bb')}</w:del>{run('c')}", "ac"),
    ],
)
def test_an_equation_is_a_line(inside: str, text: str) -> None:
    assert read(paragraph(run("Da ") + equation(inside) + run("."))).text == f"Da {text}."


def test_equations_stand_apart_from_each_other() -> None:
    two = equation(t("a=b")) + equation(t("c=d"))
    lines = paragraph(f"<m:oMathPara>{two}</m:oMathPara>")
    assert read(paragraph(two) + lines + f"<m:oMathPara>{two}</m:oMathPara>").text == "a=b c=d\n\na=b\nc=d\n\na=b\nc=d"


def test_what_is_deleted_in_an_equation_is_counted() -> None:
    document = read(paragraph(equation(power(t("x"), f"<w:del>{t('2n')}</w:del>{t('3')}"))))
    assert (document.text, dropped(document)) == ("x^3", [("deleted", 1, 2)])


def test_a_cell_may_hold_an_equation() -> None:
    rows = table(["Área", paragraph(equation(t("A=") + power(t("r"), t("2"))))], ["b", "c"])
    assert read(rows).text == "| Área | A=r^2 |\n| --- | --- |\n| b | c |"


def test_an_equation_may_not_be_too_deep() -> None:
    deep = "<m:f><m:num>" * 61 + t("x") + "</m:num></m:f>" * 61
    with pytest.raises(ParseError, match=r"^too-deep: an equation is nested more than 60 levels deep$"):
        read(paragraph(equation(deep)))
    assert read(paragraph(equation(deep.replace("<m:f><m:num>", "", 1).replace("</m:num></m:f>", "", 1)))).text
