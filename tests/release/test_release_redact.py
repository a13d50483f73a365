"""The last look finds what should not be there, whatever the file, and lets our own ids pass."""

from __future__ import annotations

import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from release_world import EMAIL_HMAC, REPORTER, TARGET_HANDLE, TARGET_NAME, world

from graphmatch.errors import ReleaseRefused
from graphmatch.release.redact import Forbidden, assert_clean

FORBIDDEN = Forbidden.of(world()).beside("Ask desk@northmoor.example.", ["grim@social.northmoor.example"])
LEAKS = {
    "digest": EMAIL_HMAC,
    "digest in capitals": EMAIL_HMAC.upper(),
    "digest in a longer one": "00" + EMAIL_HMAC + "ff",
    "reporter": REPORTER,
    "name": TARGET_NAME,
    "name spelt otherwise": "ASHA-VERMA",
    "handle": f"@{TARGET_HANDLE}",
    "e-mail": "moor.lad@mailbox.example",
    "e-mail like an allowed handle": "xgrim@social.northmoor.example",
    "phone": "07700 900123",
    "ip": "203.0.113.45",
    "ip of version 6": "2001:db8::7",
    "postcode": "NE99 1AA",
    "street address": "14 Mill Lane",
}


def parquet(*values: str) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame({"a": values}).write_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
def test_leaks_are_found_in_every_kind_of_file(leak: str) -> None:
    files = {"x.csv": f'"a"\n"{leak}"\n'.encode(), "x.json": f'{{"a": "{leak}"}}'.encode(), "x.parquet": parquet(leak)}
    for name, content in files.items():
        with pytest.raises(ReleaseRefused, match=name) as refusal:
            assert_clean(name, content, FORBIDDEN)
        assert leak not in str(refusal.value)


def test_leaks_are_found_in_what_parquet_says_beside_its_rows() -> None:
    buffer = io.BytesIO()
    pl.DataFrame({"a": ["b"]}).write_parquet(buffer, metadata={"note": EMAIL_HMAC})
    with pytest.raises(ReleaseRefused, match="digest"):
        assert_clean("x.parquet", buffer.getvalue(), FORBIDDEN)


@settings(deadline=None, max_examples=60)
@given(
    leak=st.sampled_from(sorted(LEAKS.values())),
    before=st.text(st.characters(codec="utf-8", categories=("L", "N")), max_size=20),
    after=st.text(st.characters(codec="utf-8"), max_size=20),
)
def test_leaks_are_found_wherever_they_stand(leak: str, before: str, after: str) -> None:
    with pytest.raises(ReleaseRefused):
        assert_clean("x.csv", f"{before}\n{leak}\n{after}".encode(), FORBIDDEN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "grim@social.northmoor.example",
        "'@grim@social.northmoor.example",
        "Ask desk@northmoor.example.",
        "user-account--3a5399ff-0198-540e-ac1c-2e965f2bdc52",
        "user-account--01234567-8901-5012-8012-012345678901",
        "2026-04-15T09:12:40.360000Z",
        "114094772542729759",
        '14,"Mill Lane Massive",0.9987654321,2026',
        '{"count": 14, "display_name": "Mill Lane Massive"}',
        "https://bsky.app/profile/grimwald77.test",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ],
)
def test_what_a_bundle_holds_by_right_passes(text: str) -> None:
    assert_clean("x.csv", text.encode(), FORBIDDEN)


def test_text_without_data_lets_its_own_lines_pass_and_no_other() -> None:
    twice = "Ask desk@northmoor.example or moor.lad@mailbox.example."
    with pytest.raises(ReleaseRefused, match="e-mail"):
        assert_clean("README.md", twice.encode(), FORBIDDEN)


def test_what_is_forbidden_does_not_show_itself() -> None:
    assert TARGET_NAME not in repr(FORBIDDEN.names)
