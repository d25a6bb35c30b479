"""HTTP to our own processes."""

import requests


def direct_session() -> requests.Session:
    """Return a session that leaves the environment's proxies alone.

    They are for the world outside: behind one, our own processes would not find each other.
    """
    session = requests.Session()
    session.trust_env = False
    return session
