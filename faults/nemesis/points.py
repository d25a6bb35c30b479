"""Crashes at named lines, by the lab's switches."""

from chassis.sessions import direct_session
from faults.nemesis.site import CannotDo, Fault, Site

# The load passes every line many times in that.
FIRES_WITHIN_S = 20.0


def crash(process: str, at: str) -> Fault:
    """Return what kills a process at a line, up to three times."""

    def fault(site: Site) -> None:
        switch = f"{site.stack.urls.base(process)}/lab/switches/crash"
        for _ in range(site.chance.randint(1, 3)):
            site.accepts(process)
            pid = site.living(process)
            site.put(switch, {"on": True, "at": at, "nth": site.chance.randint(1, 10)})
            fired = f"{process} reaches {at}"
            site.until(lambda: site.stack.pid(process) != pid, fired, FIRES_WITHIN_S)  # noqa: B023

    return fault


def crash_in_rebuild(site: Site) -> None:
    """Kill a rebuild when the new read model is whole and the old one is still read."""
    base = site.stack.urls.query_service
    site.put(f"{base}/lab/switches/crash", {"on": True, "at": "before-swap"})
    try:
        with direct_session() as http:
            headers, body = site.stack.lab_headers, {"model": "todos"}
            asked = http.post(f"{base}/lab/rebuild", json=body, headers=headers, timeout=10)
            if not asked.ok:
                raise CannotDo(asked.text)
            url = f"{base}/lab/rebuild"
            ended = site.until(
                lambda: http.get(url, timeout=10).json()["ended"], "the rebuild ends"
            )
        if ended != "failed":
            raise CannotDo(f"the rebuild was {ended}")
    finally:
        site.put(f"{base}/lab/switches/crash", {"on": False})


def rebuild(site: Site) -> None:
    """Rebuild the read model under load, and let it switch."""
    base = site.stack.urls.query_service
    with direct_session() as http:
        headers, body = site.stack.lab_headers, {"model": "todos"}
        asked = http.post(f"{base}/lab/rebuild", json=body, headers=headers, timeout=10)
        if not asked.ok:
            raise CannotDo(asked.text)
        url = f"{base}/lab/rebuild"
        ended = site.until(lambda: http.get(url, timeout=10).json()["ended"], "the rebuild ends")
    if ended != "rebuilt":
        raise CannotDo(f"the rebuild was {ended}")
