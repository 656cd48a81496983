"""From facts to alerts: rules, evaluation, escalation and notification."""
