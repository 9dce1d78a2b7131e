"""Pages of /persons to batches, each person once, with the counts of what there was."""

from datetime import date
from typing import Any
from uuid import UUID

from services.registry.sources.ss12000.delivery import Batch, Counts, Reject, Told
from services.registry.sources.ss12000.mapping import Mapped, map_person
from services.registry.sources.ss12000.references import References


class PersonReader:
    """Reads the pages of one list. Of what it has read it keeps the ids only.

    Lists move while they are paged: a person may come again. The first counts; what has changed since is told
    by the next reading of changes, which begins before this one did.
    """

    def __init__(self, refs: References, read_on: date, counts: Counts) -> None:
        self._refs, self._read_on, self._counts = refs, read_on, counts
        self._row = 0
        self.seen: set[UUID] = set()

    def read(self, page: list[Any]) -> Batch:
        batch = Batch()
        for person in page:
            self._row += 1
            self._counts.persons += 1
            mapped = map_person(person, self._refs, self._read_on)
            if mapped.entity_id is not None and mapped.entity_id in self.seen:
                self._counts.duplicates += 1
                continue
            self._take(batch, mapped)
        return batch

    def _take(self, batch: Batch, mapped: Mapped) -> None:
        counts = self._counts
        if mapped.entity_id is not None and mapped.told is not None:
            self.seen.add(mapped.entity_id)
            batch.told.append((mapped.entity_id, mapped.told))
        batch.rows += mapped.rows
        if mapped.unsure is not None:
            batch.unsure.append(mapped.unsure)
        counts.rows += len(mapped.rows)
        counts.out_of_age += mapped.out_of_age
        counts.never_started += mapped.never_started
        counts.rejected += mapped.rejected
        counts.interim_numbers += any(one.reason == "interim_number" for one in mapped.problems)
        counts.noted += sum(one.kept for one in mapped.problems)
        counts.without_enrolment += not mapped.rows and mapped.told is Told.REPLACED
        batch.rejects += [
            Reject("person", self._row, mapped.entity_id, one.field, one.reason, one.kept)
            for one in mapped.problems
        ]
