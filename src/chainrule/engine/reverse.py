"""Reverse mode: record the operations of a function, then walk the record backwards.

:mod:`chainrule.engine.record` records, :mod:`chainrule.engine.walk` walks, and :mod:`chainrule.engine.shortcuts` has
short ways of recording for the commonest operations.
"""

from __future__ import annotations

from contextvars import ContextVar

from chainrule.engine.record import Record, Recorded, RecordedArray
from chainrule.engine.shortcuts import QuickRecord
from chainrule.engine.walk import careful_walk

__all__ = ["QuickRecord", "Record", "Recorded", "RecordedArray", "careful_walk", "recording"]

recording: ContextVar[type[Record]] = ContextVar("recording", default=QuickRecord)
"""The kind of record that reverse-mode transforms open: :mod:`chainrule.debug` puts a more careful one here."""
