"""Items (事项): what is applied for, and within how many working days it is to be decided."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from hall.place import Strict, Text
from hall.queueing import Label

Days = Annotated[int, Field(ge=1, le=1000)]


class Item(Strict):
    """One item. `id` is what queue events carry as `item`.

    `promised_days` is what the hall promises (承诺时限), `statutory_days` what the law allows (法定时限), in
    working days. Without one no limit of that sort is judged.
    """

    id: Label
    name: Text
    promised_days: Days | None = None
    statutory_days: Days | None = None

    @model_validator(mode="after")
    def _promise_within_the_law(self) -> Item:
        promised, statutory = self.promised_days, self.statutory_days
        if promised is not None and statutory is not None and promised > statutory:
            raise ValueError(f"promised_days ({promised}) is more than statutory_days ({statutory})")
        return self
