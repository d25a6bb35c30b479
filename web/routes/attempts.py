"""Wrong host keys: how many there may be before one has to wait. Pure: it is told the time."""

from collections import OrderedDict, deque
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import TypeVar

WINDOW_S = 60.0
LONGEST_PAUSE_S = 60
# Of so many clients it is remembered what they have tried, and of so many that they had the key.
MOST_CLIENTS = 1_000
MOST_HOSTS = 100
# What one person has is at least that much of an IPv6 address (RFC 6177, 2).
NETWORK_BITS = 64
# Whoever tries nothing for that long begins anew.
FORGOTTEN_AFTER_S = 600.0
T = TypeVar("T")


@dataclass
class _Tries:
    until_s: float
    wrong: int = 0


class Attempts:
    """Counts wrong keys, of each client and of all together.

    After some, a client has to wait before it may try again, for twice as long each time. All
    together may be wrong so often in a minute; then those who have never had the right key wait,
    and whoever has had it goes on. So guests cannot lock out the host.

    Args:
        most: how many wrong keys in a row one client may send without waiting.
        most_of_all: how many wrong keys in WINDOW_S may come from all clients.
    """

    def __init__(self, most: int, most_of_all: int) -> None:
        self._most = most
        self._most_of_all = most_of_all
        self._tries: OrderedDict[str, _Tries] = OrderedDict()
        self._hosts: OrderedDict[str, None] = OrderedDict()
        self._wrong_s: deque[float] = deque(maxlen=max(1, most_of_all))

    def wait_s(self, client: str, now_s: float) -> float:
        """Return how long a client has to wait before it may try a key; 0 if it need not."""
        tries = self._tries.get(client)
        own_s = tries.until_s - now_s if tries else 0.0
        return max(0.0, own_s, 0.0 if client in self._hosts else self._wait_of_all_s(now_s))

    def was_right(self, client: str) -> None:
        """Note that a client had the key: it is a host's, and what it tried before is forgotten."""
        self._tries.pop(client, None)
        _remember(self._hosts, client, None, MOST_HOSTS)

    def was_wrong(self, client: str, now_s: float) -> None:
        """Note that a client had a wrong key."""
        tries = self._tries.get(client)
        if tries is None or now_s > tries.until_s + FORGOTTEN_AFTER_S:
            tries = _Tries(now_s)
        tries.wrong += 1
        over = tries.wrong - self._most
        pause_s = 0 if over < 0 else min(LONGEST_PAUSE_S, 2 ** min(over, LONGEST_PAUSE_S))
        tries.until_s = now_s + pause_s
        _remember(self._tries, client, tries, MOST_CLIENTS)
        self._wrong_s.append(now_s)

    def _wait_of_all_s(self, now_s: float) -> float:
        if len(self._wrong_s) < self._most_of_all:
            return 0.0
        return self._wrong_s[0] + WINDOW_S - now_s


def client_of(address: str, forwarded_for: str) -> str:
    """Return whose attempts count together: those of one address, or one network of IPv6.

    Args:
        address: where the connection comes from.
        forwarded_for: what a proxy says of that, or "". Guests who come through a tunnel seem to be
            on this machine, and are not taken for whoever is.
    """
    return _network_of(address) + (" by a proxy" if forwarded_for else "")


def _network_of(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return f"{int(parsed) >> (128 - NETWORK_BITS):x}/{NETWORK_BITS}"


def _remember(of: OrderedDict[str, T], name: str, what: T, most: int) -> None:
    of[name] = what
    of.move_to_end(name)
    while len(of) > most:
        of.popitem(last=False)
