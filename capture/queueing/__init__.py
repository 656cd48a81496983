"""What queue systems tell: taking events in, and tying every second of the record to ticket and step."""

from capture.queueing.batch import Outcome, accept_all
from capture.queueing.intake import Acceptance, accept
from capture.queueing.settling import Operator, discard, replay

__all__ = ["Acceptance", "Operator", "Outcome", "accept", "accept_all", "discard", "replay"]
