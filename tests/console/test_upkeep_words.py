"""What a tick did is told to people in sentences, in their language."""

from console import translation, upkeep

_DONE = {
    "refused": {},
    "noticed": [],
    "interrupted": [],
    "lapsed": [],
    "rosters": [],
    "accounts": {"lapsed": ["register/S0009"], "changed": [], "open": [], "unreadable": []},
    "reviews_overdue": [],
    "remedies_verified": [],
    "backups": {"taken": ["B-00008", "B-00009"], "verified": [], "failed": []},
    "maintenance": {"ran": [], "failed": {}, "late": []},
    "broken_off": {"given_up": 0, "left_open": []},
    "media": {"unregistered": [], "failing": []},
    "overdue": [],
    "own_sign_ins": 3,
    "findings": [],
    "checkpoint": 99,
    "witnessed": False,
}


def test_a_tick_is_told_in_the_readers_language() -> None:
    lines = upkeep.sentences(_DONE)
    assert "取得したバックアップ: B-00008, B-00009" in lines
    assert "失効したユーザID: register/S0009" in lines
    assert lines[-1] == "証跡を記録99まで封印しました（第二保管では未確認）"
    translation.choose("en")
    assert "Backups verified: none" in upkeep.sentences(_DONE)
