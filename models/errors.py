"""Every error that a user can cause, in one tree; each message is a sentence that says what to do next.

RateLensError
    CodecError          a codec cannot do what was asked
        StreamError     a stream is foreign, damaged, cut short or too large
        WeightsError    a weights file is missing, damaged or of another version
    ImageError          a picture cannot be read or used
    MetricError         a metric is not there, or has no score for a picture
    CurveError          a file of reference curves that cannot be used
    SetError            what was opened as a set of pictures is none
    TargetError         a rate that cannot be understood
    PinError            a stored pin that cannot be understood
    SessionError        a session file that cannot be read, or a session that cannot be saved
    MemoryLimitError    work would take more memory than it may
    WorkerError         workers of a sweep are not there, not fit, or were lost
    OutputError         a file cannot be written, or would be overwritten
"""

from __future__ import annotations


class RateLensError(Exception):
    """Base of every expected error."""


class CodecError(RateLensError):
    """A codec cannot do what was asked."""


class StreamError(CodecError):
    """A stream is foreign, damaged, cut short or too large."""


class WeightsError(CodecError):
    """A weights file is missing, damaged or of another version."""


class ImageError(RateLensError):
    """A picture cannot be read or used."""


class MetricError(RateLensError):
    """A metric is not there, or has no score for a picture."""


class CurveError(RateLensError):
    """A file of reference curves that cannot be used."""


class SetError(RateLensError):
    """What was opened as a set of pictures is none."""


class TargetError(RateLensError):
    """A rate that cannot be understood."""


class PinError(RateLensError):
    """A stored pin that cannot be understood."""


class SessionError(RateLensError):
    """A session file that cannot be read, or a session that cannot be saved."""


class MemoryLimitError(RateLensError):
    """Work would take more memory than it may."""


class WorkerError(RateLensError):
    """Workers of a sweep are not there, not fit for it, or were lost."""


class OutputError(RateLensError):
    """A file cannot be written, or would be overwritten."""
