"""Speed, measured: each figure beside its anchor in one run, as a ratio (docs/benchmarks.md)."""
