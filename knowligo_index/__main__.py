"""`python -m knowligo_index`, also installed as `knowligo-index`."""

from knowligo_index.system.python_process import forget_working_directory


def main() -> None:
    """Run the command that `sys.argv` gives. It ends the process with its exit code."""
    # Imported here: first the working directory must not be a place that modules are taken from.
    from knowligo_index.cli import main as run

    run()


if __name__ == "__main__":
    forget_working_directory()
    main()
