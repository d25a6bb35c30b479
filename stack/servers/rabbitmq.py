"""RabbitMQ: the broker. Its start script, its folder, and the program to be run."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import shutil
import socket
from pathlib import Path

import pika

from chassis.rabbitmq import FAILURES
from stack import private
from stack.errors import StackError
from stack.ports import LOOPBACK
from stack.programs import USER, Program
from stack.servers import erlang

NODE = "eventually@localhost"
# An event of ours has less than a hundredth of that, and a consumer has up to 400 messages in hand.
MOST_MESSAGE_BYTES = 256 * 1024

# In the broker's own folder, where it runs: its configuration takes no path with odd characters.
DEFINITIONS = "definitions.json"

# The script itself, not Debian's wrapper on the PATH, which insists on becoming another user.
SCRIPTS = (
    "/usr/lib/rabbitmq/bin/rabbitmq-server",
    "/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server",
    "/usr/local/opt/rabbitmq/sbin/rabbitmq-server",
)


def found() -> Path | None:
    """The start script of the RabbitMQ on this machine."""
    for script in SCRIPTS:
        if Path(script).is_file():
            return Path(script)
    # /usr/sbin is not on every user's PATH.
    on_path = shutil.which("rabbitmq-server") or shutil.which("rabbitmq-server", path="/usr/sbin")
    return Path(on_path) if on_path else None


def prepare(folder: Path, port: int, distribution_port: int, password: str) -> Program:
    """Write the broker's configuration, and return how to run it.

    Args:
        folder: the stack's own folder.
        port: the loopback port for AMQP.
        distribution_port: the loopback port on which Erlang would talk to other nodes.
        password: opens the broker; also one of before that had another.

    Raises:
        StackError: there is no RabbitMQ on this machine.

    Source: https://www.rabbitmq.com/docs/configure#supported-environment-variables
    """
    script = found()
    if script is None:
        raise StackError("No RabbitMQ was found. `sudo apt-get install rabbitmq-server` gets it.")
    home = folder / "rabbitmq"
    home.mkdir(parents=True, exist_ok=True)
    private.write(home / DEFINITIONS, json.dumps(_definitions(password)).encode())
    configuration = home / "rabbitmq.conf"
    configuration.write_text(
        f"listeners.tcp.local = {LOOPBACK}:{port}\nlog.file = false\nlog.console = true\n"
        f"max_message_size = {MOST_MESSAGE_BYTES}\nload_definitions = {DEFINITIONS}\n"
    )
    (home / "rabbitmq-env.conf").write_text("")
    (home / "enabled_plugins").write_text("[].\n")
    # Look names up only here: with a slow or absent resolver, every look-up would cost seconds.
    (home / "inetrc").write_text(
        f'{{host, {{127,0,0,1}}, ["localhost", "{socket.gethostname()}"]}}.\n{{lookup, [file]}}.\n'
    )
    plugins = erlang.lean_plugins(script, home / "plugins")
    return Program(
        name="rabbitmq",
        command=(str(script),),
        directory=home,
        environment={
            "HOME": str(home),  # for the Erlang cookie
            "ERL_INETRC": str(home / "inetrc"),
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_DIST_PORT": str(distribution_port),
            "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(configuration),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_LOGS": "-",
            # The script then becomes the Erlang machine instead of staying as its parent, so
            # the pid that the supervisor knows, and may kill, is the broker's own.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": " ".join(
                (*_erlang_arguments(distribution_port), *_path_arguments(plugins))
            ),
            **({"RABBITMQ_PLUGINS_DIR": str(plugins)} if plugins else {}),
        },
        stop_wait_s=30,
    )


def _definitions(password: str) -> dict[str, object]:
    """Who gets in. The broker reads it at each start; it makes no user of its own then.

    Source: https://www.rabbitmq.com/docs/definitions#import-on-boot
    """
    may_all = {"vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
    return {
        "vhosts": [{"name": "/"}],
        # An earlier version has made a guest, whose password everybody knows.
        "users": [_user(USER, password), _user("guest", secrets.token_hex(16))],
        "permissions": [{"user": USER, **may_all}],
    }


def _user(name: str, password: str) -> dict[str, object]:
    """Return a user as the broker keeps one.

    Source: https://www.rabbitmq.com/docs/passwords#computing-password-hash
    """
    salt = secrets.token_bytes(4)
    digest = hashlib.sha256(salt + password.encode()).digest()
    return {
        "name": name,
        "password_hash": base64.b64encode(salt + digest).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "",
    }


def accepts(rabbitmq_url: str) -> bool:
    """Whether the broker accepts us."""
    parameters = pika.URLParameters(rabbitmq_url)
    parameters.socket_timeout = parameters.stack_timeout = 2
    parameters.blocked_connection_timeout = 2
    try:
        pika.BlockingConnection(parameters).close()
    except FAILURES:
        return False
    return True


def _erlang_arguments(distribution_port: int) -> tuple[str, ...]:
    """Start Erlang's distribution on loopback, and without epmd.

    If the node already has its name, RabbitMQ does not start the port mapper daemon, which would
    outlive the stack.

    Source: https://www.erlang.org/doc/apps/erts/erl_cmd.html (start_epmd, erl_epmd_port)
    """
    return (
        *("-noinput", "+B", "i"),
        *("-sname", NODE, "-start_epmd", "false", "-erl_epmd_port", str(distribution_port)),
        *("-kernel", "inet_dist_use_interface", "{127,0,0,1}"),
    )


def _path_arguments(plugins: Path | None) -> tuple[str, ...]:
    """Look in this folder instead of the one that the start script names.

    Source: https://www.erlang.org/doc/apps/erts/erl_cmd.html (-env)
    """
    # Arguments cannot have a space in them here.
    if plugins is None or len(str(plugins).split()) > 1:
        return ()
    return ("-env", "ERL_LIBS", str(plugins))
