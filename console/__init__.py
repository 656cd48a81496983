"""What people see: the API, push, live view, replay, evidence and access."""
