"""Rebuilds a read model: `python -m query_service.rebuild [--model NAME] [--dry-run]`.

Reads the event feed of the command service, folds it chunk by chunk into a shadow collection, and
renames that over the old one. A rebuild that is interrupted leaves the old read model as it was.
"""

import argparse
import signal
import sys
from collections.abc import Callable
from typing import Any

from pymongo.errors import PyMongoError

from chassis import mongo
from chassis.errors import ServerUnavailable, first_line
from chassis.settings import Environment
from query_service.feed import Feed, FeedUnavailable
from query_service.rebuild.models import MODELS, Model
from query_service.rebuild.progress import say
from query_service.rebuild.shadow import IncompleteLog, Shadow, WentBack
from query_service.rebuild.stops import Stops, add_options
from query_service.settings import RebuildSettings
from query_service.versions import knowing

MOST_SHOWN = 20


def main() -> int:
    """Rebuild, and say what went wrong. Returns the exit status: 2 if it could not be done."""
    parser = argparse.ArgumentParser(prog="python -m query_service.rebuild", description=__doc__)
    parser.add_argument(
        "--dry-run", action="store_true", help="compare, print what differs, switch nothing"
    )
    parser.add_argument("--model", choices=MODELS, default="todos", help="which read model (todos)")
    add_options(parser)
    arguments = parser.parse_args()
    # Whoever ends it (a container that is stopped) has it end as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    model = MODELS[arguments.model]
    environment = Environment.of_process()
    settings = RebuildSettings.read(environment)
    database = mongo.database(settings.mongodb_url, timeout_ms=30_000)
    # The log may have events of a version that the projector does not know.
    feed = Feed(settings.command_service_url, knowing(model.parse))
    shadow = Shadow(database, model, feed)
    stops = Stops(arguments, environment)
    try:
        return rebuild(shadow, model, stops.before_swap, dry_run=arguments.dry_run)
    except (IncompleteLog, WentBack) as error:
        shadow.discard()
        say(f"{error} The {model.name} is as it was.")
    except FeedUnavailable as error:
        say(f"The event feed cannot be read: {error}")
    except ServerUnavailable as error:
        say(f"The {model.name} cannot be written: {error}")
    except PyMongoError as error:
        say(f"MongoDB refused: {first_line(error)}")
    except KeyboardInterrupt:
        switched = "switched, and may lack the newest events: run this again"
        say(f"\nInterrupted. The {model.name} is {switched if shadow.switched else 'as it was'}.")
    finally:
        stops.close()
    return 2


def rebuild(
    shadow: Shadow[Any],
    model: type[Model[Any]],
    before_swap: Callable[[], None],
    *,
    dry_run: bool,
) -> int:
    """Fill the shadow, and switch or only compare. Returns 1 if a dry run differs, else 0."""
    shadow.fill()
    if not dry_run:
        before_swap()
        say(f"The {model.name} is rebuilt: {shadow.switch()}.")
        return 0
    count = 0
    for count, difference in enumerate(shadow.differences(), start=1):
        if count <= MOST_SHOWN:
            sys.stdout.write(f"{difference}\n")
    shadow.discard()
    say(f"{count} {model.parts} differ." if count else f"The {model.name} is what the log says.")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
