"""Ages of the last good backup, drill and copy on a medium, against the site's targets."""

from datetime import timedelta

from accesscontrol.clock import FixedClock
from backups.catalogue import Catalogue, Order
from backups.restoring import Opening, drill
from backups.status import Targets, standing, standings
from backups.verification import verify


def test_a_source_without_any_backup_is_late(catalogue: Catalogue) -> None:
    (found,) = standings(catalogue.store, ["registry"], catalogue.store.clock.now(), Targets())
    assert (found.source, found.backup_age, found.backup_late, found.drill_late) == ("registry", None, True, True)


def test_a_backup_ages_and_becomes_late(catalogue: Catalogue, order: Order, clock: FixedClock) -> None:
    catalogue.take(order)
    clock.advance(timedelta(hours=26))
    assert not standing(catalogue.store, "registry", clock.now(), Targets()).backup_late
    clock.advance(timedelta(seconds=1))
    assert standing(catalogue.store, "registry", clock.now(), Targets()).backup_late


def test_a_damaged_backup_is_no_last_good_one(catalogue: Catalogue, order: Order, clock: FixedClock) -> None:
    catalogue.take(order)
    clock.advance(timedelta(hours=10))
    newest = catalogue.take(order)
    newest.sealed.write_bytes(b"gone")
    verify(catalogue, newest.id, actor="system")
    found = standing(catalogue.store, "registry", clock.now(), Targets())
    assert (found.newest, found.backup_age) == ("B-00001", timedelta(hours=10))


def test_the_age_and_length_of_the_last_drill_are_shown(
    catalogue: Catalogue, order: Order, opening: Opening, clock: FixedClock
) -> None:
    catalogue.take(order)
    drill(catalogue, "B-00001", opening, lambda done, total: clock.advance(timedelta(hours=5)))
    found = standing(catalogue.store, "registry", clock.now(), Targets(restore=timedelta(hours=6)))
    assert found.drill_took == timedelta(hours=5)
    assert not found.drill_late
    assert standing(catalogue.store, "registry", clock.now(), Targets(restore=timedelta(hours=4))).drill_late
    assert found.to_json()["drill_took"] == 18_000


def test_a_backup_that_is_dated_later_than_now_is_not_fresh_and_is_named(
    catalogue: Catalogue, order: Order, opening: Opening, clock: FixedClock
) -> None:
    catalogue.take(order)
    clock.advance(timedelta(days=30))  # the host's clock runs wrong for an hour
    wrong = catalogue.take(order)
    drill(catalogue, wrong.id, opening)
    clock.advance(timedelta(days=-29))
    found = standing(catalogue.store, "registry", clock.now(), Targets())
    assert (found.newest, found.backup_age, found.backup_late) == ("B-00001", timedelta(days=1), False)
    assert (found.drill_age, found.drill_late, found.ahead) == (None, True, wrong.id)
    assert found.to_json()["ahead"] == wrong.id
    clock.advance(timedelta(hours=3))
    assert standing(catalogue.store, "registry", clock.now(), Targets()).backup_late


def test_a_source_whose_only_backup_is_dated_later_than_now_has_none(
    catalogue: Catalogue, order: Order, clock: FixedClock
) -> None:
    catalogue.take(order)
    clock.advance(timedelta(seconds=-1))
    found = standing(catalogue.store, "registry", clock.now(), Targets())
    assert (found.newest, found.backup_age, found.backup_late, found.ahead) == ("", None, True, "B-00001")
