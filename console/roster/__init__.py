"""Rosters as offices write them: tables (CSV, XLSX) read with care, tried, and then taken whole."""
