"""A reviewer's answers at the screen: one key each, words only where they are needed, taken back step by step."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accesscontrol.clock import end_of_day
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.reviews import answering
from accesscontrol.reviews.model import VERDICT_TITLES, Answer, Item, Verdict
from console.frame.forms import Field, FormDialog
from console.frame.screen import BaseScreen
from console.screens.reviews.commenting import CommentDialog
from console.screens.reviews.sheet import Sheet
from console.seat import Seat
from console.text import mask
from console.translation import _, ngettext


@dataclass
class Answers:
    """What the person at this screen answers; each act returns the numbers of the items that it touched."""

    screen: BaseScreen
    seat: Seat
    sheet: Sheet
    said: dict[Verdict, str] = field(default_factory=dict)  # the last words of each verdict

    async def give(self, items: Sequence[Item], verdict: Verdict, *, with_words: bool = False) -> list[int]:
        """Answer ``items`` alike; the answer asks for words when one of them needs any."""
        stranger = next((why for each in items if (why := self._party(each))), "")
        if stranger:
            self.screen.why(_(stranger))
            return []
        if verdict is Verdict.CHANGE:
            return await self._change(items)
        comment: str | None = ""
        needed = any(answering.needs_comment(each, verdict) for each in items)
        if needed or with_words:
            dialog = CommentDialog(
                _title(verdict, items),
                _lines(items),
                said=self.said.get(verdict, ""),
                least=answering.LEAST_COMMENT if needed else 0,
            )
            comment = await self.screen.app.ask(dialog)
        if comment is None:
            return []
        if comment:
            self.said[verdict] = comment
        return self._write(items, Answer(verdict=verdict, comment=comment))

    async def _change(self, items: Sequence[Item]) -> list[int]:
        rights = sorted(frozenset[str]().union(*(each.line.rights for each in items)))
        fields = (
            Field(
                name="remove",
                label=_("Rights to remove"),
                required=False,
                hint=", ".join(rights),
            ),
            Field(name="until", label=_("New last day"), kind="date", required=False),
            Field(name="comment", label=_("Why"), initial=self.said.get(Verdict.CHANGE, "")),
        )

        def submit(values: dict[str, Any]) -> list[int]:
            last: date | None = values["until"]
            given = Answer(
                verdict=Verdict.CHANGE,
                comment=values["comment"],
                remove=tuple(filter(None, (each.strip() for each in values["remove"].split(",")))),
                until=end_of_day(last, self.seat.site.zone) if last else None,
            )
            return self._hand_in(items, given)

        dialog = FormDialog(_title(Verdict.CHANGE, items), fields, text=_lines(items), act=N_("Answer"), submit=submit)
        touched: list[int] | None = await self.screen.app.ask(dialog)
        return touched or []

    def take_back(self, numbers: Sequence[int]) -> list[int]:
        """Take one's own answers on these items back."""
        try:
            answering.take_back(self.seat.site.store, self.sheet.number, numbers, self.seat.acting)
        except Refusal as refusal:
            self.screen.why(refusal)
            return []
        self.sheet.refresh(numbers)
        return list(numbers)

    def _party(self, item: Item) -> str:
        return answering.party(self.sheet.review, item, self.seat.session.operator.staff_number)

    def _write(self, items: Sequence[Item], given: Answer) -> list[int]:
        try:
            return self._hand_in(items, given)
        except Refusal as refusal:
            self.screen.why(refusal)
            return []

    def _hand_in(self, items: Sequence[Item], given: Answer) -> list[int]:
        numbers = [each.number for each in items]
        answering.answer(self.seat.site.store, self.sheet.number, numbers, self.seat.acting, given)
        if given.comment:
            self.said[given.verdict] = given.comment
        self.sheet.refresh(numbers)
        return numbers


def _title(verdict: Verdict, items: Sequence[Item]) -> str:
    words = ngettext("{verdict}: {number} item", "{verdict}: {number} items", len(items))
    return words.format(verdict=_(VERDICT_TITLES[verdict]), number=len(items))


def _lines(items: Sequence[Item]) -> list[str]:
    first = items[0].line
    lines = [f"{first.system} / {first.user_id}  {mask(first.name)}  {', '.join(first.rights)}"]
    if len(items) > 1:
        lines.append(_("and {number} more").format(number=f"{len(items) - 1:,}"))
    return lines
