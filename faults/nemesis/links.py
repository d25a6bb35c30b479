"""Links that are slow, reset or half open, by the lab's proxy."""

from typing import Any

from faults.nemesis.site import Fault, Site

LINKS = (
    "command-service-postgresql",
    "relay-postgresql",
    "relay-rabbitmq",
    "projector-rabbitmq",
    "projector-mongodb",
    "query-service-mongodb",
)


def toxic(name: str, **attributes: Any) -> Fault:
    """Return what does something to a link drawn by chance, for some seconds."""

    def fault(site: Site) -> None:
        link = site.chance.choice(LINKS)
        url = f"{site.stack.urls.links}/lab/places/{link}/switches/{name}"
        site.put(url, {"on": True, **attributes})
        try:
            site.last(1.0, 5.0)
        finally:
            site.put(url, {"on": False})

    return fault
