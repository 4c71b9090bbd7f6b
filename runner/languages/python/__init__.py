"""Python: what its projects need, how they are built, how their tests are run and read."""
