"""HTTP to our own processes."""

import requests


def direct_session() -> requests.Session:
    """Return a session that ignores the environment's proxies.

    They lead to the outside world; through one, our own processes could not reach each other.
    """
    session = requests.Session()
    session.trust_env = False
    return session
