"""Text messages through the HTTP interface of a gateway."""
