"""The rules: pure functions from facts and a moment to a verdict. No clock, no database."""
