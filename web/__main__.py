"""Web as a process: `python -m web`."""

import warnings

# The page's server was chosen knowing that eventlet is in maintenance; its notice at every start
# would tell the room nothing.
warnings.filterwarnings("ignore", r"\nEventlet is deprecated", Warning)

import eventlet  # noqa: E402, the filter has to come first

# Before anything else is imported, or it would keep the blocking sockets, locks and sleep.
eventlet.monkey_patch()

from web.server import main  # noqa: E402, see above

if __name__ == "__main__":
    main()
