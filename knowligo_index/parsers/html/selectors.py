"""The syntax of selectors in a style sheet: their parts, their specificity, and how costly they are to match."""

from collections.abc import Sequence

from tinycss2.ast import Node

Selector = Sequence[Node]
SelectorPart = tuple[str, list[Node]]
"""a combinator, and the tokens between it and the next one"""


def separate(prelude: Selector) -> list[list[Node]]:
    """The selectors that are separated by commas."""
    selectors: list[list[Node]] = [[]]
    for token in prelude:
        if token == ",":
            selectors.append([])
        elif token.type != "comment":
            selectors[-1].append(token)
    return selectors


def specificity(selector: Selector) -> tuple[int, int, int]:
    """How many identifiers, classes or attributes, and element names a selector has (Selectors Level 4, "Calculating a
    selector's specificity"). The rule with the larger tuple takes precedence."""
    counts = [0, 0, 0]
    previous_sign = ""
    for token in selector:
        if token.type == "function" and token.lower_name in ("is", "not", "has"):
            largest = max(specificity(alternative) for alternative in separate(token.arguments))
            counts = [count + addend for count, addend in zip(counts, largest, strict=True)]
        elif token.type == "hash":
            counts[0] += 1
        elif token.type == "[] block" or (token.type == "function" and token.lower_name != "where"):
            counts[1] += 1
        elif token.type == "ident":
            counts[1 if previous_sign in (".", ":") else 2] += 1
        previous_sign = token.value if token.type == "literal" else ""
    return (counts[0], counts[1], counts[2])


def parts_of(selector: Selector) -> list[SelectorPart]:
    """The parts, each with the combinator before it ("" before the first); none if two combinators are adjacent."""
    parts: list[SelectorPart] = []
    combinator = ""
    begins_part = True
    for token in selector:
        if token.type == "whitespace":
            begins_part = True
        elif token.type == "literal" and token.value in (">", "+", "~"):
            if combinator:
                return []
            combinator, begins_part = token.value, True
        else:
            if begins_part:
                parts.append((combinator or (" " if parts else ""), []))
                combinator, begins_part = "", False
            parts[-1][1].append(token)
    return [] if combinator else parts


def loop_count(part: Selector) -> int:
    """How many nested loops over all elements of a page Lexbor runs for each element."""
    count = 0
    for token in part:
        if token.type == "function":
            name = token.lower_name
            if name.startswith("nth-"):
                # `nth-child(2 of selector)` contains a selector.
                count += 1 + 2 * any(
                    argument.type == "ident" and argument.lower_value == "of" for argument in token.arguments
                )
            else:
                alternatives = [parts_of(selector) for selector in separate(token.arguments)]
                count += name == "has"
                count += sum(
                    loop_count(part) + (combinator != "") for parts in alternatives for combinator, part in parts
                )
    return count


def condition_count(part: Selector) -> int:
    """How many names, classes and other conditions an element is compared with."""
    count = 0
    for token in part:
        if token.type == "function":
            count += 1 + condition_count(token.arguments)
        elif token.type not in ("whitespace", "literal"):
            count += 1
    return max(1, count)
