"""`python -m fairhand`: the same as `./fairhand` once its environment is there."""

from fairhand.cli import main

if __name__ == "__main__":
    main()
