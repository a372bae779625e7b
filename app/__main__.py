"""`python -m app` is the `greenroom` command."""

from app.cli.main import main

if __name__ == "__main__":
    main()
