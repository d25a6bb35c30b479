"""The names under which a port is asked: which of them nobody can have made lead here. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

# Names below these never lead through the public DNS (RFC 6761, RFC 6762, RFC 8375, and ICANN's
# reservation of .internal).
_LOCAL = (".localhost", ".local", ".home.arpa", ".internal")
_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")


@dataclass(frozen=True)
class OwnNames:
    """The names under which a port is served that has no page and no proxy in front of it.

    Args:
        further: names of the public DNS under which it is served as well.
    """

    further: frozenset[str] = frozenset()

    def serves(self, _scheme: str, host: str) -> bool:
        """Return whether a request with this `Host` is answered."""
        name = name_of(host)
        return name is not None and (is_local(name) or name in self.further)

    def own(self, scheme: str, host: str) -> set[str]:
        """Return the origins of the port itself, for a request with this `Host`."""
        return {f"{scheme}://{host.lower()}"} if self.serves(scheme, host) else set()

    def advice(self, name: str) -> str:
        """Return how to have it served under another name."""
        return f"To serve it as {name}, start it with ALLOWED_HOSTS={name}."


def name_of(host: str) -> str | None:
    """Return the name or address in a `Host`, without its port; None if it has none."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return None
    return name.removesuffix(".") if _is_address(name) or _NAME.fullmatch(name) else None


def is_local(name: str) -> bool:
    """Return whether no name of the public DNS reads like this one, so that none was rebound."""
    return _is_address(name) or "." not in name or name.endswith(_LOCAL)


# Each request brings one, and mostly the same.
@lru_cache(maxsize=256)
def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
