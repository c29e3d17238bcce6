"""`python -m fairhand.cli`: what the launcher runs."""

from fairhand.cli import main

if __name__ == "__main__":
    main()
