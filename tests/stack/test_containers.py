"""What containers of ours may do: less than Docker lets them by default."""

import re
from typing import Any

import yaml

from stack import programs
from stack.programs import ROOT, named

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())[
    "services"
]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
# Their images begin as root, own their data, and then become another user.
SERVERS = {"postgres", "rabbitmq", "mongo"}
OURS = SERVICES.keys() - SERVERS
# What it takes to become another user, and to own the data.
BECOMES_ANOTHER = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}


def test_no_container_has_more_than_it_needs() -> None:
    assert {named(name) for name in SERVERS} == set(programs.SERVERS)
    for name, service in SERVICES.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        added = set(service.get("cap_add", []))
        assert added == (BECOMES_ANOTHER if name in SERVERS else set()), name
        assert not service.get("privileged"), name


def test_no_containers_log_grows_for_ever() -> None:
    for name, service in SERVICES.items():
        assert service["logging"]["options"] == {"max-size": "10m", "max-file": "2"}, name


def test_ours_write_nowhere_but_to_a_folder_that_is_gone_with_them() -> None:
    for name in OURS:
        service = SERVICES[name]
        assert service["read_only"] is True, name
        assert service["tmpfs"] == ["/tmp"], name  # noqa: S108, in a container
        if name != "keys":
            assert all(volume.endswith(":ro") for volume in service["volumes"]), name


def test_none_of_ours_is_root_but_the_one_that_has_no_network() -> None:
    assert re.search(r"^USER eventually$", DOCKERFILE, re.MULTILINE)
    roots = {name: SERVICES[name] for name in OURS if "user" in SERVICES[name]}
    assert list(roots) == ["keys"]
    assert roots["keys"]["network_mode"] == "none"


def test_each_process_is_given_only_its_own_keys() -> None:
    for name in OURS - {"keys"}:
        keys = [volume for volume in SERVICES[name]["volumes"] if "keys" in volume]
        assert keys == [f"{name}-keys:/keys:ro"]
        assert f"{name}-keys:/keys/{name}" in SERVICES["keys"]["volumes"]


def test_images_are_pinned_by_their_whole_version() -> None:
    images = [SERVICES[name]["image"] for name in SERVERS]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    for image in images:
        # PostgreSQL has two numbers, all others three.
        assert re.fullmatch(r"postgres:\d+\.\d+|[a-z]+:\d+\.\d+\.\d+(-[a-z-]+)?", image)
