"""Settings of a user's other programs reach neither the stack nor the tests."""

from stack import foreign

OURS = {"PATH": "/bin", "HOST_KEY": "key", "OTEL_EXPORTER_OTLP_ENDPOINT": "https://theirs.test"}
THEIRS = {"PGHOST": "theirs", "RABBITMQ_NODENAME": "theirs", "PYTHONPATH": "/theirs"}
PROXIES = {"http_proxy": "http://proxy.invalid:3128", "ALL_PROXY": "socks5://proxy.invalid:1"}


def test_a_receiver_of_traces_may_need_a_proxy() -> None:
    variables = OURS | THEIRS | PROXIES
    foreign.leave_out(variables, proxies=False)
    assert variables == OURS | PROXIES


def test_nothing_on_this_machine_needs_a_proxy() -> None:
    variables = OURS | THEIRS | PROXIES
    foreign.leave_out(variables, proxies=True)
    assert variables == OURS
