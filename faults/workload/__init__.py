"""The workload: clients that send commands and reads, and record what was answered."""
