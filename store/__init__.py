"""Durable facts: tables, transactions and the functions that read and write them.

The only package that imports SQLAlchemy. Functions take an open transaction (`Read` or `Write` of
`store.database`) and give types of `hall`. A fact and its journal entry are written in one transaction.
"""
