from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from monitors.linkage import declared


@pytest.mark.parametrize(
    ("one", "other", "is_permitted", "is_forbidden"),
    [
        ("register", "municipal-cs", True, False),
        ("municipal-cs", "register", True, False),
        ("municipal-cs", "addressee", False, True),
        ("addressee", "municipal-cs", False, True),
        ("tax", "municipal-cs", False, True),
        ("e-application", "municipal-cs", False, True),
        ("municipal-cs", "prefecture", True, False),
        ("common-platform", "intermediary", False, True),
        ("addressee", "intermediary", True, False),
        ("tax", "store-issue", False, False),
    ],
)
def test_the_assessments_links_are_permitted_forbidden_or_not_declared(
    one: str, other: str, *, is_permitted: bool, is_forbidden: bool
) -> None:
    links = declared.shipped()
    assert (links.permits(one, other) is not None, links.forbids(one, other) is not None) == (
        is_permitted,
        is_forbidden,
    )


def test_a_site_adds_pairs_with_an_approved_exception_and_never_one_that_is_forbidden(tmp_path: Path) -> None:
    file = tmp_path / declared.FILE
    file.write_text(
        '[[pair]]\nbetween = ["tax", "store-issue"]\nexception = "R-2026-0031"\nacknowledged_within = "30m"\n'
    )
    pair = declared.read(tmp_path).permits("store-issue", "tax")
    assert pair is not None
    assert pair.wait == 1_800_000
    file.write_text('[[pair]]\nbetween = ["tax", "store-issue"]\n')
    with pytest.raises(Refusal, match="CHK-LNK-05"):
        declared.read(tmp_path)
    file.write_text('[[pair]]\nbetween = ["municipal-cs", "addressee"]\nexception = "R-2026-0031"\n')
    with pytest.raises(Refusal, match="RG-LNK-02"):
        declared.read(tmp_path)


@pytest.mark.parametrize(
    "text", ["[[pair]]\nbetween = ['a']", "x = 1", "[[", '[[pair]]\nbetween = ["a", "b"]\nacknowledged_within = "soon"']
)
def test_a_file_that_is_wrong_is_refused_with_the_reason(tmp_path: Path, text: str) -> None:
    (tmp_path / declared.FILE).write_text(text)
    with pytest.raises(Refusal, match="Mend the file"):
        declared.read(tmp_path)
