"""Our chunks beside those of other splitters."""
