"""`python -m fanpiao`: the command line."""

from fanpiao.cli import main

if __name__ == "__main__":
    main()
