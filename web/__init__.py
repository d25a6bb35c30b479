"""The page, and what it is told: an OTLP receiver that folds traces and reads into journeys."""
