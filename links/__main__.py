"""Runs the links: `python -m links`. Only with the lab."""

from functools import partial

from chassis.process import running
from chassis.settings import Environment
from links.app import create_app, questions
from links.link import Link
from links.proxy import Proxy
from links.settings import LinkSettings, Settings
from links.ways import Ways


def main() -> None:
    """Proxy until SIGTERM."""
    settings = Settings.read(Environment.of_process())
    if not settings.process.lab:
        raise SystemExit("The links are part of the lab: set LAB=1.")
    with running(settings.process) as process:
        links = [
            Link(it.name, it.listens_on, it.upstream, process.firings(it.name))
            for it in settings.links
        ]
        ways = Ways(_ports(settings.links))
        proxy = Proxy(links)
        for link in links:
            link.lab.connect(partial(ways.bring, link.name), partial(proxy.heed, link))
            link.on_heeded = partial(ways.want, link.name)
        app = create_app(proxy, ways, process.registry)
        with proxy, process.serving(app, 4, partial(questions, ways), key_below="/"):
            process.stop.wait()


def _ports(links: tuple[LinkSettings, ...]) -> dict[str, dict[str, int]]:
    ports: dict[str, dict[str, int]] = {it.process: {} for it in links}
    for it in links:
        ports[it.process][it.name] = it.listens_on.port
    return ports


if __name__ == "__main__":
    main()
