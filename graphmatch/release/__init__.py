"""One bundle for one recipient: what two people confirmed, of what is theirs, and nothing else (DESIGN §7).

In: tables and judgements. Out: a folder of CSV, Parquet, STIX 2.1, a manifest and hashes.
"""

from graphmatch.release.bundle import ReleaseResult, release
from graphmatch.release.recipient import Recipient
from graphmatch.release.shared import Shared, shared
from graphmatch.release.verify import digest_of, previous_of, verify

__all__ = ["Recipient", "ReleaseResult", "Shared", "digest_of", "previous_of", "release", "shared", "verify"]
