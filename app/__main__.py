"""Entry point of `python -m app`, the command `greenroom`."""

from app.cli.main import main

if __name__ == "__main__":
    main()
