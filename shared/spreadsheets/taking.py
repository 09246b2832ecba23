"""A filled-in sheet on its way in: first every row is checked, then those are taken that may be."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice
from typing import IO, Generic

from shared.spreadsheets.raw import FileUnreadable
from shared.spreadsheets.reading import Bad, Good, Read, read_sheet
from shared.spreadsheets.refusals import Refusals
from shared.spreadsheets.sheet import Sheet, T


class Taking(Generic[T]):
    """The rows of a file for a use case, some at a time, so that no more of them is in memory.

    It goes through ``check`` to the end, tells what it refuses itself, and unless the file is
    ``stopped`` it goes through ``take`` to write.
    """

    def __init__(
        self, file: IO[bytes], sheet: Sheet[T], *, partial: bool, refusals: Refusals
    ) -> None:
        self.refusals = refusals
        self._partial = partial
        self._taking = False
        self._file, self._sheet = file, sheet

    @property
    def stopped(self) -> bool:
        """Whether nothing of the file may be taken, and nothing was."""
        if self._taking:
            return False
        return self.refusals.unreadable or (self.refusals.count > 0 and not self._partial)

    async def check(self, *, most: int) -> AsyncIterator[list[Good[T]]]:
        """Give the rows that are right by themselves, some at a time; the others are noted."""
        rows = read_sheet(self._file, self._sheet)
        while some := await asyncio.to_thread(self._checked, rows, most):
            if good := [one for one in some if isinstance(one, Good)]:
                yield good

    async def take(self, *, most: int) -> AsyncIterator[list[Good[T]]]:
        """Give the rows that nothing is noted against, once all were checked."""
        self._taking = True
        async for good in self.again(most=most):
            yield good

    async def again(self, *, most: int) -> AsyncIterator[list[Good[T]]]:
        """Give those rows once more, for what only the whole file shows to be wrong."""
        rows = read_sheet(self._file, self._sheet)
        while some := await asyncio.to_thread(lambda: list(islice(rows, most))):
            good = [one for one in some if isinstance(one, Good)]
            if good := [one for one in good if one.number not in self.refusals]:
                yield good

    async def refuse(self, some: Sequence[Bad]) -> None:
        """Note rows that are right by themselves and are not taken all the same."""
        if some:
            await asyncio.to_thread(self.refusals.add, some)

    def _checked(self, rows: Iterator[Read[T]], most: int) -> list[Read[T]]:
        some: list[Read[T]] = []
        try:
            some.extend(islice(rows, most))
        except FileUnreadable as error:
            self.refusals.end(error)
        self.refusals.rows += len(some)
        self.refusals.add(one for one in some if isinstance(one, Bad))
        return some
