"""`python -m knowligo_index`, also installed as `knowligo-index`."""

from knowligo_index.system.python_process import forget_working_directory

if __name__ == "__main__":
    forget_working_directory()
    from knowligo_index.cli import main

    main()
