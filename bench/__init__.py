"""The measurements: every figure stands beside its yardstick from the same run."""
