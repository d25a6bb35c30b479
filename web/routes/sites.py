"""Whose requests web takes: those of its own page, under its own addresses, and of other programs.

This is around everything that web serves, Socket.IO too, so that all agree on the page's address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

from chassis import sites
from web.addresses import Addresses

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_FOR_PROGRAMS = sites.FOR_PROGRAMS | {"/v1/traces"}


def only_for_us(app: WSGIApplication, addresses: Addresses) -> WSGIApplication:
    """Refuse what another site's page makes a browser send, and names that are not the page's.

    Args:
        app: all that web serves.
        addresses: where the page is.
    """
    ours = sites.only_for_us(app, addresses, _FOR_PROGRAMS)
    proxies = addresses.trusted_proxies
    if not proxies:
        return ours
    return ProxyFix(ours, x_for=proxies, x_proto=proxies, x_host=proxies, x_port=proxies)
