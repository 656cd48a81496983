"""Benchmarks: one module a question. Each prints a table and, as its last line, one JSON object."""
