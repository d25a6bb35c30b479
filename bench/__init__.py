"""What is measured, and against what: every figure stands beside its yardstick of the same run."""
