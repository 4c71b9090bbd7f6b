"""The command line's commands, one file each; `app/cli.py` lists them."""
