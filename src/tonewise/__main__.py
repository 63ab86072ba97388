"""`python -m tonewise` is the same as `tonewise`."""

from tonewise.cli import main

if __name__ == "__main__":
    main()
