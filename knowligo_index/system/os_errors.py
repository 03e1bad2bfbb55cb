"""What the operating system says about a failed call."""


def reason_of(error: OSError) -> str:
    """The system's reason in lower case, for the middle of a sentence: "no space left on device"."""
    return (error.strerror or str(error)).lower()
