"""Web as a process: `python -m web`."""

import warnings

# We chose eventlet knowing that it is in maintenance only; a notice at every start helps nobody.
warnings.filterwarnings("ignore", r"\nEventlet is deprecated", Warning)

import eventlet  # noqa: E402, the filter has to come first

# Before any other import: modules imported earlier would keep the blocking sockets and locks.
eventlet.monkey_patch()

from web.server import main  # noqa: E402, see above

if __name__ == "__main__":
    main()
