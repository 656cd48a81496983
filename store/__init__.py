"""Durable facts: tables, catalogue, journal, leases and audit."""
