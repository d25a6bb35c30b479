"""The broker looks for its modules where they are, and not in the folder of each plugin."""

from pathlib import Path

import pytest

from stack.servers import erlang, rabbitmq

# As rabbit.app has it, shortened.
RESOURCE = """%% -*- erlang -*-
{application, rabbit, [{description, "RabbitMQ"}, {modules, [rabbit, rabbit_amqqueue]},
  {applications, [kernel, stdlib, 'rabbit_common', ra]},
  {optional_applications, [systemd]}, {env, [{cluster_nodes, {[], disc}}]}]}.
"""


def an_application(plugins: Path, name: str, *uses: str) -> None:
    folder = plugins / f"{name}-1.0" / "ebin"
    folder.mkdir(parents=True)
    text = f"{{application, {name}, [{{applications, [{', '.join(uses)}]}}]}}."
    (folder / f"{name}.app").write_text(text)


def test_what_an_application_uses_is_read_from_its_resource_file() -> None:
    assert erlang.uses_of(RESOURCE) == {"kernel", "stdlib", "rabbit_common", "ra", "systemd"}


def test_the_broker_gets_links_to_what_it_needs_alone(tmp_path: Path) -> None:
    script = tmp_path / "rabbitmq" / "sbin" / "rabbitmq-server"
    plugins = tmp_path / "rabbitmq" / "plugins"
    an_application(plugins, "rabbit", "kernel", "ra")
    an_application(plugins, "ra", "aten", "rabbit")
    an_application(plugins, "aten")
    an_application(plugins, "rabbitmq_management", "rabbit", "cowboy")
    links = tmp_path / "links"
    links.mkdir()
    (links / "ra-0.9").symlink_to(plugins / "ra-0.9")
    assert erlang.lean_plugins(script, links) == links
    assert sorted(path.name for path in links.iterdir()) == ["aten-1.0", "ra-1.0", "rabbit-1.0"]


def test_a_broker_that_keeps_its_applications_elsewhere_finds_them_itself(tmp_path: Path) -> None:
    assert erlang.lean_plugins(tmp_path / "sbin" / "rabbitmq-server", tmp_path / "links") is None


def test_the_broker_here_starts_without_the_plugins_that_are_off(tmp_path: Path) -> None:
    if not rabbitmq.found():
        pytest.skip("there is no RabbitMQ here")
    given = rabbitmq.prepare(tmp_path, 5672, 25672, "secret").environment
    links = tmp_path / "rabbitmq" / "plugins"
    assert given["RABBITMQ_PLUGINS_DIR"] == str(links)
    assert f"-env ERL_LIBS {links}" in given["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"]
    # Some 20 of 70 folders; each is looked into for each of 700 modules.
    assert len(list(links.iterdir())) < 30
