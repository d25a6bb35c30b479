"""The addresses under which the page is served, and the origins that count as its own. Pure."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from chassis.hosts import is_local, name_of

# Traefik gives the scheme of a WebSocket as that of its own protocol.
_SCHEMES = {"ws": "http", "wss": "https"}


@dataclass(frozen=True)
class Addresses:
    """Where the page is.

    Args:
        port: where web itself listens.
        public_url: the origin that browsers see, if something stands in front of web; otherwise "".
        trusted_proxies: how many proxies in front of web say in `X-Forwarded-…` what they were
            asked for; 0 if what such headers say counts for nothing.
    """

    port: int
    public_url: str = ""
    trusted_proxies: int = 0

    def serves(self, scheme: str, host: str) -> bool:
        """Return whether the page is served to a request with this scheme and `Host`.

        A name that is public, and that nobody has named here, may be one that an attacker has made
        lead to this machine (DNS rebinding). Its page cannot have https: web speaks plain HTTP, and
        for a proxy in front of it the attacker would need a certificate.
        """
        name = name_of(host)
        if name is None:
            return False
        if self.public_url and name == name_of(urlsplit(self.public_url).netloc):
            return True
        by_proxy = self.trusted_proxies > 0 and _SCHEMES.get(scheme, scheme) == "https"
        return by_proxy or is_local(name)

    def own(self, scheme: str, host: str) -> set[str]:
        """Return the origins of the page itself, for a request with this scheme and `Host`.

        GitHub Codespaces put `localhost` and the port in the place of an origin that is their
        address for this port.
        """
        own = {f"{_SCHEMES.get(scheme, scheme)}://{host.lower()}"}
        own = own if self.serves(scheme, host) else set()
        if self.public_url:
            own.add(self.public_url)
        if self.public_url or self.trusted_proxies:
            own |= {f"http://localhost:{self.port}", f"https://localhost:{self.port}"}
        return own

    def advice(self, name: str) -> str:
        """Return how to have the page served under another name."""
        return (
            f"To serve the page as {name}, start web with PUBLIC_URL=https://{name}, or with "
            "TRUSTED_PROXIES=1 behind a proxy that says so in X-Forwarded-Proto and "
            "X-Forwarded-Host."
        )


def origin_of(url: str) -> str | None:
    """Return the origin of a URL as browsers write it; None if it is no address of a whole site.

    Source: RFC 6454, 6.1.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        name = (parts.hostname or "").encode("idna").decode()
    except ValueError:
        return None
    wrong = parts.path not in {"", "/"} or parts.query or parts.fragment or "@" in parts.netloc
    if wrong or parts.scheme not in {"http", "https"}:
        return None
    host = f"[{name}]" if ":" in name else name
    if name_of(host) is None:
        return None
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in {None, usual} else "")
