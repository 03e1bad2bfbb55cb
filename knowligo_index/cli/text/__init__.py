"""What commands print for a person to read. `--json` prints the same values as JSON."""
