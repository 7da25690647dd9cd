"""The rules of the audit, one file each: `rNN_<name>.py` with `check(connection)`."""
