import logging

from knowligo_index.service.repeated_messages import RepeatedMessages


def test_a_message_is_logged_five_times_a_minute() -> None:
    now = 0.0
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logger = logging.getLogger("test_repeated_messages")
    logger.propagate = False
    handler = Lines()
    handler.addFilter(RepeatedMessages(lambda: now))
    logger.addHandler(handler)
    for number in range(9):
        logger.warning("Bad request %d.\n", number)
        logger.warning("Bad loop\nsocket: %d", number)
    logger.error("Another.")
    assert [line for line in lines if "request" in line] == [
        *(f"Bad request {number}.\n" for number in range(4)),
        "Bad request 4. (further messages like this one are withheld for up to a minute)",
    ]
    assert len([line for line in lines if "loop" in line]) == 5
    assert lines[-1] == "Another."
    now = 61.0
    logger.warning("Bad request %d.\n", 9)
    logger.warning("Bad request %d.\n", 10)
    assert lines[-2:] == ["Bad request 9. (4 more messages like this one were withheld)", "Bad request 10.\n"]


def test_errors_of_different_kinds_are_told_apart() -> None:
    repeated = RepeatedMessages(lambda: 0.0)

    def is_logged(error: type[Exception]) -> bool:
        info = (error, error(), None)
        return repeated.filter(logging.LogRecord("x", logging.ERROR, "p", 1, "Failed", None, info))

    assert [is_logged(ValueError) for _ in range(6)] == [True] * 5 + [False]
    assert is_logged(KeyError)
