"""What Spark says when it fails, as one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def said(refusal: Callable[[str], Exception]) -> Iterator[None]:
    """Raise what ``refusal`` makes of the sentence that Spark, Java or the bridge between fails with in the block."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in {"py4j", "pyspark"}:
            raise
        raised = getattr(error, "java_exception", None)
        text = str(error) if raised is None else str(raised.getMessage() or raised.getClass().getSimpleName())
        raise refusal((text.strip() or type(error).__name__).splitlines()[0]) from None
