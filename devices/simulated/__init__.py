"""A twin for every port: it passes the same contract tests and is played from outside."""
