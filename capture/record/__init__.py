"""The record as a whole: whether disks and catalogue agree, mending it, and making the catalogue anew.

`invariants` names what must hold, `check` looks, `repair` mends, `reindex` rebuilds from the disks alone
(docs/design/0008-the-record-on-disk.md).
"""
