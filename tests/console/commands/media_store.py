"""A site with locked stores and real media, and the commands of its keepers on it."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from click.testing import CliRunner, Result

from accesscontrol.clock import FixedClock
from accesscontrol.people import terminals
from accesscontrol.requests import decisions, submission
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.reading import Request
from backups import exports
from backups.media import attached, scanning
from backups.records import Backup
from console import home as homes
from console.commands.context import Context
from console.settings import MediaSection
from console.wiring import Installation
from tests.console.screens.backups_site import NOON, PASSWORD, PEOPLE, TERMINAL, BackupsSite

STORES = ("金庫", "耐火庫")


def only_below(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look only at what this test mounts: other tests mount media on the same machine at the same time."""
    every = scanning.mounted
    monkeypatch.setattr(scanning, "mounted", lambda: [each for each in every() if each.is_relative_to(folder)])
    monkeypatch.setattr(attached, "blocks", lambda _sysfs: [])


class MediaStore(BackupsSite):
    """The site; each act happens a minute after the one before."""

    clock: FixedClock

    def __init__(self, folder: Path) -> None:
        media = MediaSection(stores=STORES, watch=True)
        super().__init__(folder, FixedClock(NOON), fact=terminals.present_fact(), media=media)

    @property
    def home(self) -> Path:
        """The site's folder."""
        return self.site.home.path

    def code(self, login: str) -> str:
        """Return a code that nobody has used yet."""
        self.clock.advance(timedelta(seconds=60))
        return super().code(login)

    def run(self, login: str, command: click.Command, *arguments: object, typed: str = "") -> Result:
        """Run a command as a person, who types ``typed`` where it asks."""
        reading, writing = os.pipe()
        try:
            os.write(writing, json.dumps({"password": PASSWORD, "code": self.code(login)}).encode())
            os.close(writing)
            return self._invoke(command, *arguments, "--as", login, "--credentials-fd", reading, typed=typed)
        finally:
            os.close(reading)

    def look(self, command: click.Command, *arguments: object) -> Any:
        """Run a command for which nobody signs in, and return its JSON whatever its exit status."""
        return json.loads(self._invoke(command, *arguments, "--json").stdout)

    def say(self, command: click.Command, *arguments: object) -> str:
        """Run a command for which nobody signs in, and return what it says."""
        return self._invoke(command, *arguments).stdout

    def with_backups(self, **changed: Any) -> None:
        """Change settings of backups, and open the site anew."""
        self._resettled(backups=msgspec.structs.replace(self.site.settings.backups, **changed))

    def with_media(self, **changed: Any) -> None:
        """Change settings of media, and open the site anew."""
        self._resettled(media=msgspec.structs.replace(self.site.settings.media, **changed))

    def with_trail(self, **changed: Any) -> None:
        """Change settings of the trail, and open the site anew."""
        self._resettled(trail=msgspec.structs.replace(self.site.settings.trail, **changed))

    def _resettled(self, **sections: Any) -> None:
        homes.replace_settings(self.site.home, msgspec.structs.replace(self.site.settings, **sections))
        self.site.store.close()
        self.site = Installation(self.site.home, self.clock)

    def _invoke(self, command: click.Command, *arguments: object, typed: str = "") -> Result:
        context = Context(self.home)
        context.__dict__["site"] = self.site  # at the store's hour
        return CliRunner().invoke(command, [str(each) for each in arguments], obj=context, input=typed)

    def json(self, login: str, command: click.Command, *arguments: object) -> Any:
        """Run a command as a person and return its JSON."""
        done = self.run(login, command, *arguments, "--json")
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)

    def acting(self, login: str) -> Acting:
        """Return a person at this terminal."""
        return Acting(login, PEOPLE[login][0], TERMINAL)

    def approved_export(self, backup: Backup, medium: str, folder: Path, due: str = "2026-12-24") -> Request:
        """Ask for a taking out, and have it approved and the witness seated."""
        parameters = {
            "backup": backup.id,
            "sealed_sha256": backup.sealed_sha256,
            "medium": medium,
            "folder": str(folder),
            "carrier": "山田",
            "destination": "県北倉庫",
            "purpose": "月次",
            "ending": "return",
            "due": due,
        }
        desk = self.site.desk
        request = submission.submit(desk, exports.KIND, parameters, self.acting("yamada"), reason="月次の保管")
        sign = self.signing("sato")
        decisions.approve(desk, request.id, self.acting("sato"), seen=request.digest, sign=sign)
        decisions.attest(
            desk,
            request.id,
            self.acting("suzuki"),
            phase=decisions.BEFORE,
            statement="立ち会います",
            sign=self.signing("suzuki"),
        )
        return request

    def signing(self, login: str) -> decisions.Signing:
        from accesscontrol.people import sign_in
        from accesscontrol.people.secret import Secret

        return lambda message: (
            sign_in.sign_in_place(
                self.site.store,
                self.site.policy,
                login=login,
                password=Secret(PASSWORD),
                code=Secret(self.code(login)),
                terminal=terminals.present_fact(),
                message=message,
            ).signature
        )
