"""Facts: what is measured on a run, one module for each thing that it is measured on. Pure."""
