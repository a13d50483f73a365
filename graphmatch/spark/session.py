"""A Spark session that can run this: the extra is there, the master answers, what the user names is loaded."""

from __future__ import annotations

import os
import socket
import sys
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

from graphmatch.errors import UsageError
from graphmatch.spark.errors import said

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

EXTRA = "this needs the extra 'spark': pip install 'graphmatch[spark]'"
#: How long a standalone master is waited for, in seconds.
PATIENCE = 10.0
#: What a session gets unless the user says otherwise.
CONF = {
    "spark.app.name": "graphmatch link",
    "spark.ui.showConsoleProgress": "false",
    # Rows of accounts are wide; so many of two of them at a time fit in a worker with room to spare.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "20000",
    # Under a limit of bytes Spark measures the whole batch anew at each row, which takes most of the time of a run.
    "spark.sql.execution.arrow.maxBytesPerBatch": str(2**31 - 1),
    # The functions take times as UTC.
    "spark.sql.session.timeZone": "UTC",
    # Rejected rows are found by a job of ours, with a sentence of its own; a wrong type is never nulled.
    "spark.sql.ansi.enabled": "true",
}
#: What a session on this machine alone gets: nothing listens to others.
LOCAL = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false"}


def session(master: str, conf: Mapping[str, str], jars: str | None = None) -> SparkSession:
    """Start a session.

    Parameters
    ----------
    master
        As Spark writes it: ``local[2]``, ``spark://host:7077``, ``yarn``, ``k8s://…``.
    conf
        Settings of Spark, over `CONF`.
    jars
        Jar files to load, parted by commas; nothing is fetched that the user does not name.

    Raises
    ------
    UsageError
        PySpark or PyArrow is not installed, there is no Java, or the master is no such address or does not answer.
    """
    try:
        import pyarrow as pa  # noqa: F401, PLC0415 - an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ModuleNotFoundError:
        raise UsageError(f"--engine spark: {EXTRA}") from None
    _answers(master)
    # Nothing here goes through pandas, of which PySpark tells everybody so.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
    local = master.startswith("local")
    if local:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    given = {**CONF, **(LOCAL if local else {}), **({"spark.jars": jars} if jars else {}), **conf}
    builder = SparkSession.builder.master(master)
    for name, value in given.items():
        builder = builder.config(name, value)
    with said(lambda why: UsageError(f"--master {master}: Spark does not start: {why}; is there a Java 17?")):
        made = builder.getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    return made


def _answers(master: str) -> None:
    """Ask a standalone master whether it is there: Spark itself would try for a minute, and say it in many lines."""
    if not master.startswith("spark://"):
        return
    refused = []
    for address in master.removeprefix("spark://").split(","):
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit():
            raise UsageError(f"--master {master}: a standalone master is written spark://host:port")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE).close()
        except (OSError, OverflowError) as error:
            refused.append(f"{address}: {getattr(error, 'strerror', None) or error}")
        else:
            return
    raise UsageError(f"--master {master}: no master answers there ({'; '.join(refused)})")
