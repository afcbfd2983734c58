from monitors.events.readers import json_lines, mapping
from monitors.events.readers.readings import Line, Quarantined, Reading

MAPPING = mapping.parse(
    b'name="m"\ntitle="m"\ntitle_ja="m"\nsystem="x"\nformat="jsonl"\n[time]\ncolumns=["time"]\nlayouts=["%Y-%m-%d"]\n'
    b'[fields]\nuser_id="user.id"\ntarget_count="n"\ndetail="more"\n',
    "m.toml",
)


def read(*texts: str) -> list[Reading | Quarantined]:
    given = [(Line(number, text.encode()), text) for number, text in enumerate(texts, start=1)]
    return list(json_lines.read(given, MAPPING))


def test_dotted_paths_reach_into_objects_and_what_is_not_there_tells_nothing() -> None:
    (found,) = read('{"time":"2026-11-24","user":{"id":"a"},"n":3,"more":{"x":[1]}}')
    assert isinstance(found, Reading)
    assert found.fields == {"user_id": "a", "target_count": "3", "detail": '{"x":[1]}'}
    (bare,) = read('{"time":"2026-11-24","user":7}')
    assert isinstance(bare, Reading)
    assert bare.fields["user_id"] == ""


def test_what_is_no_object_or_has_no_time_is_quarantined() -> None:
    found = read("[1]", "{", '{"time":"soon"}', "{}", "[" * 100_000)
    assert [each.reason for each in found if isinstance(each, Quarantined)] == ["json", "json", "time", "time", "json"]
