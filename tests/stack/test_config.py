"""The supervisor's configuration, as the supervisor itself would read it."""

import configparser
import shlex
from pathlib import Path

import pytest
from supervisor.datatypes import dict_of_key_value_pairs
from supervisor.options import ServerOptions, expand

from stack import config
from stack.errors import StackError
from stack.programs import Program


def rendered(program: Program, folder: Path = Path("/somewhere")) -> configparser.SectionProxy:
    text = config.render([program], folder=folder, control_port=1, password="secret")
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"))
    parser.read_string(text)
    return parser[f"program:{program.name}"]


def program(**changes: object) -> Program:
    values: dict[str, object] = {
        "name": "relay",
        "command": ("python", "-m", "command_service.relay"),
        "directory": Path("/"),
    }
    return Program(**(values | changes))  # type: ignore[arg-type]  # changes of any field


def test_a_dead_program_is_restarted_for_ever() -> None:
    section = rendered(program())
    assert section["autorestart"] == "true"
    assert int(section["startretries"]) > 100_000


def test_a_programs_log_has_an_end() -> None:
    section = rendered(program())
    assert section["stdout_logfile_maxbytes"] == "10MB"
    assert section["stdout_logfile_backups"] == "1"


def test_a_percent_sign_in_a_setting_survives_the_supervisors_expansion() -> None:
    section = rendered(program(environment={"RABBITMQ_URL": "amqp://127.0.0.1:5012/%2F"}))
    assert section["environment"] % {} == 'RABBITMQ_URL="amqp://127.0.0.1:5012/%2F"'


def test_a_command_with_spaces_and_quotes_is_split_as_it_was() -> None:
    command = ("/a folder/it's/python", "-m", "web")
    assert tuple(shlex.split(rendered(program(command=command))["command"])) == command


def test_a_setting_with_quotes_is_enclosed_in_the_other_kind() -> None:
    assert (
        rendered(program(environment={"HOST_KEY": 'a "b"'}))["environment"] == "HOST_KEY='a \"b\"'"
    )


def test_the_supervisor_itself_reads_a_path_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "it's 50%cut café ☃"
    (folder / "log").mkdir(parents=True)
    file = folder / "supervisord.conf"
    relay = program(directory=folder, environment={"HOME": str(folder)})
    # pragma: allowlist nextline secret
    file.write_text(config.render([relay], folder=folder, control_port=1, password="secret"))
    options = ServerOptions()
    options.realize(["-c", str(file)])
    [found] = options.process_group_configs[0].process_configs
    assert (found.directory, found.environment["HOME"]) == (str(folder), str(folder))
    assert found.stdout_logfile == str(folder / "log" / "relay.log")
    assert options.pidfile == str(folder / "supervisord.pid")


def test_settings_arrive_as_they_were() -> None:
    settings = {"HOST_KEY": "open sesame!$%&=,", "HOME": "/it's 50% café ☃/rabbitmq"}
    written = rendered(program(environment=settings))["environment"]
    assert dict_of_key_value_pairs(expand(written, {}, "environment")) == settings


@pytest.mark.parametrize("value", ["both ' and \"", "a ;comment", "a #comment", "two\nlines"])
def test_a_value_that_the_file_cannot_express_is_refused(value: str) -> None:
    with pytest.raises(StackError):
        rendered(program(environment={"HOST_KEY": value}))


def test_programs_start_in_the_order_given() -> None:
    text = config.render(
        [program(name="first"), program(name="second")],
        folder=Path("/somewhere"),
        control_port=1,
        password="secret",  # pragma: allowlist secret
    )
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    assert int(parser["program:first"]["priority"]) < int(parser["program:second"]["priority"])


def test_a_program_runs_as_another_user_only_if_asked() -> None:
    assert "user" not in rendered(program())
    assert rendered(program(user="postgres"))["user"] == "postgres"
