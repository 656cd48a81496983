"""What the alerts role counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

JUDGED = Counter("hallwatch_alerts_judged", "Judgements made, by kind of rule.", ["kind"])
OPENED = Counter("hallwatch_alerts_opened", "Alerts opened, by kind.", ["kind"])
ENDED = Counter("hallwatch_alerts_ended", "Alerts whose cause ended, by kind.", ["kind"])
LATENESS = Histogram(
    "hallwatch_alerts_lateness_seconds",
    "From the moment a limit was reached to the committed alert.",
    ["kind"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
STEP_SECONDS = Histogram(
    "hallwatch_alerts_step_seconds",
    "One pass of the evaluator: read what changed, judge, write.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
LEADING = Gauge(
    "hallwatch_alerts_leading",
    "1 while this instance writes alerts, 0 while it stands by.",
    multiprocess_mode="livesum",
)
CALENDAR_ASSUMED = Gauge(
    "hallwatch_alerts_calendar_assumed_years",
    "Years, of this one and of the next 30 days', that the calendar does not know completely.",
    multiprocess_mode="livemax",
)
STORE_BUSY = Counter("hallwatch_alerts_store_busy", "Passes given up because the database could not be used.")
DELIVERED = Counter("hallwatch_alerts_delivered", "Flips that a notifier's receiver has taken.", ["notifier"])
DELIVERY_FAILED = Counter(
    "hallwatch_alerts_delivery_failed", "Attempts that failed and are made again.", ["notifier"]
)
DELIVERY_REFUSED = Counter(
    "hallwatch_alerts_delivery_refused", "Flips that a notifier's receiver refused for good.", ["notifier"]
)
DELIVERY_JOINED = Counter(
    "hallwatch_alerts_delivery_joined",
    "Flips told together with others in one message: more happened than messages may be sent.",
    ["notifier"],
)
DELIVERY_BEHIND = Gauge(
    "hallwatch_alerts_delivery_behind_seconds",
    "Age of the flip that a notifier could not be told yet; 0 when none waits.",
    ["notifier"],
    multiprocess_mode="livemax",
)
