"""`python -m knowligo_index`, also installed as `knowligo-index`."""

from knowligo_index.cli import main

if __name__ == "__main__":
    main()
