from pathlib import Path

from monitors.events.readers import formats
from monitors.events.schema import COLUMNS, NAMES, Key, ocsf, search_keys


def test_sex_does_not_count_as_a_search_key() -> None:
    assert search_keys(Key.NAME | Key.SEX) == 1
    assert search_keys(Key.NAME | Key.BIRTH | Key.ADDRESS) == 3
    assert search_keys(0) == 0


def test_every_column_has_a_value_for_what_was_not_told() -> None:
    assert all(column.empty is not None for column in COLUMNS)
    assert len(set(NAMES)) == len(NAMES)


def test_a_sign_in_is_an_ocsf_authentication_and_a_view_is_an_api_activity() -> None:
    event = {column.name: column.empty for column in COLUMNS} | {
        "event_id": 1, "ts": 1795509067000, "system": "register", "user_id": "s1", "action": "login",
        "outcome": "failure", "reason": "password", "src_ip": "10.0.0.1", "object": "K1",
    }  # fmt: skip
    signed_in = ocsf(event)
    assert (signed_in["class_uid"], signed_in["type_uid"], signed_in["status_id"]) == (3002, 300201, 2)
    assert signed_in["actor"]["user"]["uid"] == "s1"
    assert signed_in["metadata"]["product"]["name"] == "register"
    assert signed_in["src_endpoint"] == {"ip": "10.0.0.1"}
    assert signed_in["resources"] == [{"uid": "K1"}]
    assert (ocsf({**event, "action": "view"})["class_uid"], ocsf({**event, "action": "view"})["activity_id"]) == (
        6003,
        2,
    )


def test_the_names_elsewhere_are_documented_as_they_are() -> None:
    text = (Path(__file__).parents[3] / "docs" / "events.md").read_text("utf-8")
    for column in COLUMNS:
        names = (f"`{name}`" if name else "-" for name in (column.ocsf, column.ecs))
        assert f"| `{column.name}` | {column.meaning} | {' | '.join(names)} |" in text
    for name in formats.NAMES:
        assert f"`{name}`" in text
