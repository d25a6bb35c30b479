"""The page and its server, an OTLP receiver that folds traces and reads into journeys.

`routes` answers requests, `journeys` knows what happened to each event, `background` reads and
watches the services, and `room` sends every page what is new. `app` puts them together.
"""
