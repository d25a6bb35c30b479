"""What a dry run says about a read model that differs from the log."""

from query_service.projections import Document
from query_service.rebuild import comparison
from query_service.rebuild.models import Todos


def todo(todo_id: int, title: str = "Milk", version: int = 1) -> Document:
    return {"_id": todo_id, "title": title, "completed": version > 1, "version": version}


def differences(log: list[Document], live: list[Document]) -> list[str]:
    return list(comparison.differences(log, live, Todos.name_of, Todos.words))


def test_equal_read_models_have_no_differences() -> None:
    documents = [todo(1), {"_id": 2, "version": 3, "deleted": True}]
    assert not differences(documents, documents)
    assert not differences([], [])


def test_each_difference_is_a_line_in_id_order_whichever_side_has_more() -> None:
    log = [todo(1), todo(3, version=2), {"_id": 4, "version": 3, "deleted": True}]
    live = [todo(1), todo(2), todo(3), todo(4), todo(9)]
    assert differences(log, live) == [
        'todo 2: the log says nothing, MongoDB "Milk", to do (v1)',
        'todo 3: the log says "Milk", done (v2), MongoDB "Milk", to do (v1)',
        'todo 4: the log says deleted (v3), MongoDB "Milk", to do (v1)',
        'todo 9: the log says nothing, MongoDB "Milk", to do (v1)',
    ]
    assert differences(live[:1], []) == ['todo 1: the log says "Milk", to do (v1), MongoDB nothing']
