"""The lab in a terminal: `python -m web.lab`, made from what `GET /lab` says, as the panel is."""
