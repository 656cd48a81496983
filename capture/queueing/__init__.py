"""What queue systems tell: taking events in, and tying every second of the record to ticket and step."""

from capture.queueing.intake import Acceptance, accept

__all__ = ["Acceptance", "accept"]
