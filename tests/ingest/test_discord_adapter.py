"""Discord: sanctions with the time in their id, one flag a message, bans without a time, and whose a connection is."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from golden import context_of, read

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.intake.head import heads, recognise
from graphmatch.model import (
    Account,
    AccountState,
    Action,
    Content,
    Enforcement,
    Gate,
    IdKind,
    LinkClaim,
    Precision,
    Report,
    Row,
    Scope,
    Sighting,
    SignalKind,
    SourceKind,
    Target,
)
from graphmatch.normalise.contacts import Keyring
from ingest.discord.adapter import DiscordAdapter

SHARED = Path(__file__).parents[3] / "shared" / "formats" / "discord"
KEYRING = Keyring(b"\x01" * 32)
ADAPTER = DiscordAdapter(Options())

GUILD, CHANNEL = "1081546584887274828", "1081546836542579580"
MOD, PETE, NAN, ASHA = "397328095642631359", "1487692283065370082", "707169720731142643", "1420000000000000004"
NOON = datetime(2026, 4, 11, 12, tzinfo=UTC)


def snowflake(at: datetime) -> str:
    return str((int(at.timestamp() * 1000) - 1420070400000) << 22)


def user(native: str = PETE, **changes: Any) -> dict[str, Any]:
    plain = {"id": native, "username": "moorlandpete", "discriminator": "0", "global_name": "Moorland Pete"}
    return {**plain, "avatar": None, **changes}


def entry(number: int, target: str | None = PETE, **changes: Any) -> dict[str, Any]:
    plain = {"id": snowflake(NOON), "user_id": MOD, "target_id": target, "action_type": number}
    return {name: value for name, value in {**plain, **changes}.items() if value is not ...}


def page(*entries: Any, **beside: Any) -> dict[str, Any]:
    return {"audit_log_entries": list(entries), "users": [user()], "auto_moderation_rules": [], **beside}


def timeout(until: str | None, at: datetime = NOON) -> dict[str, Any]:
    change = {"key": "communication_disabled_until", **({} if until is None else {"new_value": until})}
    return entry(24, id=snowflake(at), changes=[{"key": "nick", "new_value": "x"}, change])


def event(**changes: Any) -> dict[str, Any]:
    plain = {
        "guild_id": GUILD,
        "action": {"type": 1},
        "rule_id": "1323802873038945585",
        "rule_trigger_type": 1,
        "user_id": PETE,
        "channel_id": CHANNEL,
        "content": "stringing up",
    }
    inner = {name: value for name, value in {**plain, **changes}.items() if value is not ...}
    return {"t": "AUTO_MODERATION_ACTION_EXECUTION", "op": 0, "d": inner, "_received_at": "2026-03-30T19:05:00.150Z"}


def author(native: str = PETE, name: str = "moorlandpete", **changes: Any) -> dict[str, Any]:
    plain = {"id": native, "name": name, "discriminator": "0000", "nickname": name.title(), "isBot": False}
    return {**plain, "avatarUrl": "https://cdn.discordapp.com/embed/avatars/1.png", **changes}


def message(**changes: Any) -> dict[str, Any]:
    at = changes.pop("at", NOON)
    plain = {
        "id": snowflake(at),
        "type": "Default",
        "timestamp": at.isoformat(),
        "content": "words",
        "author": author(),
        "mentions": [],
    }
    return {**plain, **changes}


def chat(*messages: dict[str, Any], **changes: Any) -> dict[str, Any]:
    header = {"guild": {"id": GUILD, "name": "Northmoor Town"}, "channel": {"id": CHANNEL, "name": "by-election"}}
    return {**header, "exportedAt": "2026-05-01T09:00:00+01:00", "messages": list(messages), **changes}


def rows_of(value: Any, *, name: str = "any.json", adapter: DiscordAdapter = ADAPTER) -> list[Row]:
    """Every row of a document; what is left out gives none."""
    rows: list[Row] = []
    for record, context in read(adapter, name, json.dumps(value, indent=1).encode()):
        try:
            rows += adapter.normalise(record, context)
        except LeftOut:
            continue
    return rows


def reason_of(value: Any, *, adapter: DiscordAdapter = ADAPTER) -> str:
    """Why the only record of a document is left out."""
    ((record, context),) = read(adapter, "any.json", json.dumps(value, indent=1).encode())
    with pytest.raises(LeftOut) as caught:
        list(adapter.normalise(record, context))
    return str(caught.value)


def only(kind: type, rows: Iterable[Row]) -> list[Any]:
    return [row for row in rows if type(row) is kind]


def signals(rows: Iterable[Row]) -> set[tuple[SignalKind, str, str]]:
    return {(row.kind, row.value, row.context) for row in rows if isinstance(row, Sighting)}


def test_the_shared_samples_give_what_the_reference_gives() -> None:
    if not SHARED.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    rows: list[Row] = []
    for path in sorted(SHARED.iterdir()):
        for record, context in read(ADAPTER, path.name, path.read_bytes()):
            rows += ADAPTER.normalise(record, context)
    flagged = {content for report in only(Report, rows) for content in report.content_ids}
    assert len({report.report_id for report in only(Report, rows)}) == 3
    assert len(flagged) == 3
    assert {content.content_id for content in only(Content, rows)} > flagged
    enforced = {row.enforcement_id for row in only(Enforcement, rows)}
    # Beside the eight of the audit log stands one that the list of bans alone knows.
    assert len(enforced) == 9
    people = {row.account_id for row in only(Account, rows) if row.id_kind is IdKind.NUMERIC}
    assert people == {f"discord:discord:{n}" for n in (PETE, NAN, "1498775818098604211", "1467308467816786364")}
    assert "grimwald77" in {claim.claimed_handle for claim in only(LinkClaim, rows)}


def test_an_entry_is_joined_with_its_user_and_dated_by_its_id() -> None:
    rows = rows_of(page(entry(22, reason="threats")))
    (account,) = only(Account, rows)
    assert (account.handle, account.display_name) == ("moorlandpete", "Moorland Pete")
    assert (account.created_at, account.created_at_precision) == (
        datetime(2026, 3, 29, 5, 58, 0, 268000, tzinfo=UTC),
        Precision.DERIVED_FROM_ID,
    )
    (ban,) = only(Enforcement, rows)
    assert (ban.action, ban.scope, ban.at_earliest, ban.at_latest) == (
        Action.COMMUNITY_BAN_PERM,
        Scope.COMMUNITY,
        NOON,
        NOON,
    )
    assert ban.account_id == f"discord:discord:{PETE}"


def test_an_entry_whose_user_is_not_on_the_page_still_names_its_account() -> None:
    (account,) = only(Account, rows_of(page(entry(20, NAN))))
    assert (account.account_id, account.handle) == (f"discord:discord:{NAN}", None)


@pytest.mark.parametrize("beside", [{"users": None}, {"users": [None, {"username": "x"}]}, {"users": {}}])
def test_broken_users_cost_no_entry(beside: dict[str, Any]) -> None:
    (ban,) = only(Enforcement, rows_of(page(entry(22), **beside)))
    assert ban.account_id == f"discord:discord:{PETE}"


def test_the_server_is_named_by_what_stands_beside_the_entries() -> None:
    (without,) = only(Enforcement, rows_of(page(entry(22))))
    (named,) = only(Enforcement, rows_of(page(entry(22), webhooks=[{"id": "1", "guild_id": GUILD}])))
    assert (without.scope_ref, named.scope_ref) == (None, GUILD)
    assert without.enforcement_id == named.enforcement_id


def test_pages_in_an_array_and_on_lines_read_like_one() -> None:
    pages = [page(entry(22)), page(entry(20, NAN), 7)]
    one = rows_of(page(entry(22), entry(20, NAN)))
    lines = b"".join(json.dumps(each).encode() + b"\n" for each in pages)
    for content in (json.dumps(pages).encode(), lines):
        context = context_of(ADAPTER, "any", content)
        found = list(ADAPTER.read(io.BytesIO(content), context.layout))
        # The number among the entries costs itself, and nothing else.
        assert [type(item) for item in found] == [RawRecord, RawRecord, Unreadable]
        assert [row for item in found[:2] for row in ADAPTER.normalise(item, context)] == one


def test_entries_of_the_gateway_read_like_a_page() -> None:
    alone = {"t": "GUILD_AUDIT_LOG_ENTRY_CREATE", "op": 0, "d": entry(22, guild_id=GUILD)}
    for value in (alone, [alone], [alone["d"]]):
        (ban,) = only(Enforcement, rows_of(value))
        assert (ban.scope_ref, ban.at_earliest) == (GUILD, NOON)


@pytest.mark.parametrize(
    ("until", "action", "expires"),
    [
        ("2026-04-11T13:00:00.000000+00:00", Action.TIMEOUT, NOON + timedelta(hours=1)),
        (None, Action.ACCOUNT_RESTORED, None),
        # Discord also ends one by setting it to a time that is past.
        ("2026-04-11T11:00:00+00:00", Action.ACCOUNT_RESTORED, None),
    ],
)
def test_a_time_out_is_one_key_of_a_members_update(until: str | None, action: Action, expires: datetime | None) -> None:
    (found,) = only(Enforcement, rows_of(page(timeout(until))))
    assert (found.action, found.expires_at, found.at_earliest) == (action, expires, NOON)


@pytest.mark.parametrize("changes", [[{"key": "nick", "new_value": "Pete"}], [{"key": "mute", "new_value": True}], []])
def test_another_update_of_a_member_is_no_sanction(changes: list[Any]) -> None:
    assert "no time-out" in reason_of(page(entry(24, changes=changes)))


def test_a_lifted_ban_restores_the_account() -> None:
    (lifted,) = only(Enforcement, rows_of(page(entry(23))))
    assert (lifted.action, lifted.scope) == (Action.ACCOUNT_RESTORED, Scope.COMMUNITY)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (entry(73, CHANNEL), "names their channel"),
        (entry(21, None), "no sanction"),
        (entry(27, None), "about nobody"),
        (entry(25), "no sanction"),
        (entry(12, CHANNEL), "no sanction"),
        (entry(192, CHANNEL), "no sanction"),
        (entry(22, "456226577798135808"), "about nobody"),
    ],
)
def test_what_takes_nothing_from_an_account_is_left_out(value: dict[str, Any], reason: str) -> None:
    assert reason in reason_of(page(value))


def test_a_bulk_deletion_is_never_held_against_its_channel() -> None:
    assert rows_of(page(entry(73, CHANNEL))) == []


def test_what_automod_did_names_no_moderator_and_ends_as_its_rule_says() -> None:
    rule = {
        "id": "1",
        "name": "Threat terms",
        "guild_id": GUILD,
        "actions": [{"type": 1}, {"type": 3, "metadata": {"duration_seconds": 3600}}],
    }
    done = entry(145, user_id=PETE, options={"auto_moderation_rule_name": "Threat terms"})
    (found,) = only(Enforcement, rows_of(page(done, auto_moderation_rules=[rule])))
    assert (found.action, found.by_ref, found.policies) == (Action.TIMEOUT, None, ("Threat terms",))
    assert found.expires_at == NOON + timedelta(hours=1)
    # Two rules of one name: nobody knows which it was.
    (found,) = only(Enforcement, rows_of(page(done, auto_moderation_rules=[rule, rule])))
    assert found.expires_at is None


def test_moderators_are_pseudonyms() -> None:
    rows = rows_of(page(entry(22), users=[user(), user(MOD, username="sal_mod")]))
    (ban,) = only(Enforcement, rows)
    assert ban.by_ref == KEYRING.reporter("discord", MOD)
    assert MOD not in repr(rows)
    assert "sal_mod" not in repr(rows)


def test_a_ban_in_the_log_and_in_the_list_is_one() -> None:
    (logged,) = only(Enforcement, rows_of(page(entry(22, reason="threats "))))
    (listed,) = only(Enforcement, rows_of([{"reason": "threats", "user": user()}]))
    (other,) = only(Enforcement, rows_of([{"reason": "spam", "user": user()}]))
    assert logged.enforcement_id == listed.enforcement_id != other.enforcement_id
    assert (listed.at_earliest, listed.at_latest) == (None, None)
    assert listed.action is Action.COMMUNITY_BAN_PERM


def test_moderators_words_become_claims_without_contact_values() -> None:
    reason = "alt of @grimwald_nm, call 07700 900123"
    for value in ([{"reason": reason, "user": user()}], page(entry(22, reason=reason))):
        rows = rows_of(value)
        (claim,) = only(LinkClaim, rows)
        assert (claim.claimed_handle, claim.asserted_by) == ("grimwald_nm", "moderator")
        assert "900123" not in repr(rows)


def test_one_message_is_one_flag_however_many_actions_it_caused() -> None:
    caused = [event(action={"type": number}) for number in (1, 2, 3)]
    reports = only(Report, rows_of([*caused, event(content="other words"), event(rule_id="1323802877232270855")]))
    assert len(reports) == 5
    assert len({report.report_id for report in reports}) == 3
    assert {report.source_kind for report in reports} == {SourceKind.AUTOMATED_FLAG}
    assert {(report.count, report.reporter_ref) for report in reports} == {(1, None)}
    # What AutoMod did as a sanction is the audit log's to say.
    assert only(Enforcement, rows_of(caused)) == []


def test_an_event_has_no_time_of_its_own() -> None:
    received = datetime(2026, 3, 30, 19, 5, 0, 150000, tzinfo=UTC)
    (report,) = only(Report, rows_of([event()]))
    assert report.reported_at == received
    bare = event()["d"]
    (report,) = only(Report, rows_of([bare]))
    assert report.reported_at is None
    (report,) = only(Report, rows_of([{**bare, "alert_system_message_id": snowflake(NOON)}]))
    assert report.reported_at == NOON


@pytest.mark.parametrize(
    ("trigger", "raw", "leaf", "gate"),
    [
        (1, "1 KEYWORD", "meta.automated_flag", Gate.DEBATE),
        (3, "3 SPAM", "other.spam", None),
        (4, "4 KEYWORD_PRESET", "meta.automated_flag", Gate.DEBATE),
        (5, "5 MENTION_SPAM", "abuse.pile_on", Gate.TERMS),
        ("6", "6 MEMBER_PROFILE", "meta.automated_flag", Gate.DEBATE),
        (7, "7", "unmapped", Gate.DEBATE),
    ],
)
def test_a_trigger_is_the_category(trigger: Any, raw: str, leaf: str, gate: Gate | None) -> None:
    (report,) = only(Report, rows_of([event(rule_trigger_type=trigger)]))
    assert (report.category_raw, report.category_reported) == (raw, leaf)
    assert gate is None or report.gate is gate


def test_whom_a_flagged_message_mentions_is_a_target() -> None:
    rows = rows_of([event(content=f"<@{ASHA}> <@!{NAN}> <@{PETE}>")])
    (report,) = only(Report, rows)
    assert report.target_ids == (f"discord:discord:{ASHA}", f"discord:discord:{NAN}")
    assert {target.derivations for target in only(Target, rows)} == {("mention",)}


def test_a_flagged_message_that_stands_is_the_one_of_the_chat() -> None:
    native = snowflake(NOON)
    (flagged,) = only(Content, rows_of([event(message_id=native)]))
    (sent,) = only(Content, rows_of(chat(message())))
    assert flagged.content_id == sent.content_id == f"discord:{native}"
    assert flagged.url == sent.url
    assert flagged.created_at == NOON


def test_other_events_of_the_gateway_are_left_out() -> None:
    for other in ({"t": "MESSAGE_DELETE", "op": 0, "d": {"id": "1"}}, {"t": None, "op": 11, "d": None}):
        assert "another event" in reason_of([other])
    broken = {"t": "AUTO_MODERATION_ACTION_EXECUTION", "op": 0, "d": None}
    with pytest.raises(RejectedRecord):
        rows_of([broken])


def test_a_member_has_two_names_and_a_picture() -> None:
    picture = "01cf5f980db9cdda47db63637c9cc7f0"
    member = {"user": user(avatar=picture), "nick": "Pete M", "roles": [], "joined_at": "2026-03-29T06:02:11+00:00"}
    rows = rows_of([member])
    (account,) = only(Account, rows)
    assert account.display_name == "Moorland Pete"
    assert account.avatar_url == f"https://cdn.discordapp.com/avatars/{PETE}/{picture}.png"
    kinds = {(kind, value) for kind, value, _ in signals(rows)}
    assert {(SignalKind.DISPLAY_NAME, "Moorland Pete"), (SignalKind.DISPLAY_NAME, "Pete M")} <= kinds
    assert (SignalKind.AVATAR_HASH, picture) in kinds
    # A time-out that the profile shows is the audit log's to say.
    assert only(Enforcement, rows_of([{**member, "communication_disabled_until": "2026-04-11T13:00:00Z"}])) == []


def test_a_deleted_account_is_a_state_and_its_placeholder_nobody() -> None:
    (account,) = only(
        Account, rows_of(page(entry(22), users=[user(username="deleted_user_1f2e3d4c", global_name=None)]))
    )
    assert (account.handle, account.state) == (None, AccountState.DELETED)
    everybody = author("456226577798135808", "Deleted User")
    rows = rows_of(chat(message(author=everybody)))
    assert only(Account, rows) == []
    assert [content.account_id for content in only(Content, rows)] == [None]


def test_connections_are_verified_links_and_declarations() -> None:
    connections = [
        {"type": "bluesky", "id": "did:plc:abc", "name": "nm-patriot-7.test", "verified": True, "visibility": 1},
        {"type": "domain", "id": "grimwald.example", "name": "grimwald.example", "verified": True, "visibility": 0},
        {"type": "twitter", "id": "1844664232967103008", "name": "grimwald_nm", "verified": True, "visibility": 1},
        {"type": "mastodon", "id": "7", "name": "grim@social.example", "verified": True, "visibility": 1},
        {"type": "youtube", "id": "UCx", "name": "A Title", "verified": True, "visibility": 1},
        {"type": "github", "id": "9", "name": "grimcode", "verified": True, "revoked": True, "visibility": 1},
        {"type": "facebook", "id": "10", "name": "A Person's Name", "verified": True, "visibility": 1},
    ]
    rows = rows_of(connections, name=f"connections_{PETE}.json")
    (account,) = only(Account, rows)
    assert account.account_id == f"discord:discord:{PETE}"
    assert signals(rows) == {
        (SignalKind.LINK, "bsky.app/profile/nm-patriot-7.test", "verified"),
        (SignalKind.DECLARED, "bluesky:bsky:nm-patriot-7.test", "verified"),
        (SignalKind.DECLARED, "bluesky:bsky:did:plc:abc", "verified"),
        (SignalKind.LINK, "grimwald.example", "verified"),
        (SignalKind.LINK, "x.com/grimwald_nm", "verified"),
        (SignalKind.DECLARED, "x:x:grimwald_nm", "verified"),
        (SignalKind.DECLARED, "x:x:1844664232967103008", "verified"),
        (SignalKind.LINK, "social.example/@grim", "verified"),
        (SignalKind.DECLARED, "mastodon:social.example:grim", "verified"),
        (SignalKind.LINK, "youtube.com/channel/UCx", "verified"),
        (SignalKind.DECLARED, "youtube:youtube:UCx", "verified"),
        (SignalKind.LINK, "github.com/grimcode", "profile"),
    }


@pytest.mark.parametrize(
    ("name", "named"),
    [
        (f"{PETE}.json", True),
        ("connections.json", False),
        (f"{PETE}-{NAN}.json", False),
        # A time to the millisecond is as long as an id.
        ("export-20260428201400123.json", False),
    ],
)
def test_a_list_of_connections_is_its_files_namesakes_or_nobodys(name: str, named: bool) -> None:
    one = {"type": "domain", "id": "a.example", "name": "a.example", "verified": True, "visibility": 0}
    two = {"type": "domain", "id": "b.example", "name": "b.example", "verified": True, "visibility": 0}
    (account,) = only(Account, rows_of([one, two], name=name))
    (again,) = only(Account, rows_of([two, one], name=name))
    assert (account.id_kind is IdKind.NUMERIC) is named
    assert account.account_id == again.account_id


def test_an_accounts_own_data_gives_its_contacts_as_digests_and_nobody_elses() -> None:
    own = {
        **user(),
        "email": "Pete.Moor+dc@mailbox.example",
        "phone": "+447700900789",
        "ip": "203.0.113.77",
        "connections": [],
        "relationships": [{"id": NAN, "user": user(NAN, username="northmoornan")}],
    }
    rows = rows_of(own)
    found = {kind: value for kind, value, _ in signals(rows)}
    assert found[SignalKind.EMAIL_HMAC] == KEYRING.email("petemoor@mailbox.example")
    assert found[SignalKind.PHONE_HMAC] == KEYRING.phone("+447700900789")
    assert found[SignalKind.IP_HMAC] == KEYRING.ip("203.0.113.77")
    for secret in ("mailbox", "900789", "203.0.113", NAN, "northmoornan"):
        assert secret not in repr(rows)


def test_a_profile_names_whose_connections_it_shows() -> None:
    linked = [{"type": "reddit", "id": "7", "name": "pete_r", "verified": True}]
    rows = rows_of([{"user": user(), "user_profile": {"bio": "no quarter"}, "connected_accounts": linked}])
    (account,) = only(Account, rows)
    assert (account.native_id, account.bio) == (PETE, "no quarter")
    assert (SignalKind.DECLARED, "reddit:reddit:pete_r", "verified") in signals(rows)


def test_a_message_has_its_server_and_its_channel_from_the_files_header() -> None:
    rows = rows_of(chat(message(content="ring 07700 900123, see https://moorland.example/x and https://x.com/asha")))
    (content,) = only(Content, rows)
    assert content.url == f"https://discord.com/channels/{GUILD}/{CHANNEL}/{snowflake(NOON)}"
    assert content.text == "ring [phone], see https://moorland.example/x and https://x.com/asha"
    assert content.observed_at == datetime(2026, 5, 1, 8, tzinfo=UTC)
    assert only(Report, rows) == []
    # Whom a message links to is not declared by its author.
    assert {(kind, value) for kind, value, where in signals(rows) if where == "message"} == {
        (SignalKind.LINK, "moorland.example/x")
    }
    assert SignalKind.DECLARED not in {kind for kind, _, _ in signals(rows)}


def test_a_conversation_outside_a_server_has_an_address_too() -> None:
    (content,) = only(Content, rows_of(chat(message(), guild={"id": "0", "name": "Direct Messages"})))
    assert content.url == f"https://discord.com/channels/@me/{CHANNEL}/{snowflake(NOON)}"


def test_a_reply_is_aimed_at_whom_it_answers() -> None:
    first = message(author=author(ASHA, "asha4northmoor"))
    answer = message(at=NOON + timedelta(minutes=1), type="Reply", reference={"messageId": first["id"]})
    rows = rows_of(chat(first, answer))
    (target,) = only(Target, rows)
    assert (target.target_id, target.handle, target.derivations) == (
        f"discord:discord:{ASHA}",
        "asha4northmoor",
        ("reply_parent",),
    )
    assert [content.target_ids for content in only(Content, rows)] == [(), (target.target_id,)]


def test_a_reply_to_an_older_message_mentions_whom_it_answers_in_silence() -> None:
    reference = {"messageId": snowflake(NOON - timedelta(days=9))}
    mentions = [author(ASHA, "asha4northmoor", nickname="Asha"), author(NAN, "northmoornan", nickname="Nan")]
    rows = rows_of(chat(message(type="Reply", reference=reference, mentions=mentions, content="leave it, @Nan")))
    assert {target.target_id[-4:]: target.derivations for target in only(Target, rows)} == {
        ASHA[-4:]: ("reply_parent",),
        NAN[-4:]: ("mention",),
    }


def test_only_whom_a_reply_answers_is_its_parent() -> None:
    silent = [author(NAN, "northmoornan")]
    first = message(author=author(ASHA, "asha4northmoor"))
    answer = message(at=NOON + timedelta(minutes=1), reference={"messageId": first["id"]}, mentions=silent)
    for messages in ([message(mentions=silent)], [first, answer]):
        targets = {target.target_id: target.derivations for target in only(Target, rows_of(chat(*messages)))}
        assert targets[f"discord:discord:{NAN}"] == ("mention",)


def test_nobody_is_aimed_at_by_answering_oneself() -> None:
    first = message()
    answer = message(at=NOON + timedelta(minutes=1), type="Reply", reference={"messageId": first["id"]})
    assert only(Target, rows_of(chat(first, answer))) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "GuildMemberJoin"},
        {"type": "ChannelPinnedMessage"},
        {"author": author("1498000000000000010", isBot=True)},
    ],
)
def test_what_nobody_wrote_is_left_out(changes: dict[str, Any]) -> None:
    assert reason_of(chat(message(**changes))) in ("a note of Discord's own in a chat", "a bot's message")


@pytest.mark.parametrize("subject", [PETE, "moorlandpete"])
def test_named_accounts_keep_everybody_else_out(subject: str) -> None:
    adapter = DiscordAdapter(Options(subjects=frozenset({subject})))
    others = message(author=author(NAN, "northmoornan"), at=NOON + timedelta(minutes=1))
    rows = rows_of(chat(message(), others), adapter=adapter)
    assert {row.native_id for row in only(Account, rows)} == {PETE}
    assert len(only(Content, rows)) == 1
    member = {"user": user(NAN, username="northmoornan"), "nick": None, "roles": []}
    assert "none of the accounts" in reason_of([member], adapter=adapter)


def test_recognises_what_people_have() -> None:
    gateway = event()
    for content, record in (
        (json.dumps(page()), "audit_page"),
        (json.dumps(page(), indent=1), "audit_page"),
        (json.dumps(gateway), "automod_event"),
        (json.dumps(gateway, indent=1), "automod_event"),
        (json.dumps(gateway["d"], indent=1), "automod_event"),
        (json.dumps([{"reason": None, "user": user()}]), "ban"),
        (json.dumps({"bans": [{"reason": None, "user": user()}]}), "ban"),
        (json.dumps({"reason": None, "user": user()}) + "\n" + json.dumps({"reason": None, "user": user()}), "ban"),
        (json.dumps({"members": [{"user": user(), "nick": None, "joined_at": None}]}, indent=1), "member"),
        (json.dumps([chat(message())]), "message"),
        (json.dumps(chat(message())) + "\n" + json.dumps(chat(message())), "message"),
        (json.dumps(message()) + "\n" + json.dumps(message()), "message"),
    ):
        _, layout = recognise(heads(io.BytesIO(content.encode()), "any"), [ADAPTER])
        assert layout.record == record
        assert all(isinstance(item, RawRecord) for item in ADAPTER.read(io.BytesIO(content.encode()), layout))


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (Head("a", "csv", columns=("AuthorID", "Author", "Date", "Content")), "as a table"),
        (Head("a", "json_array", first={"ID": 1, "Timestamp": "2026", "Contents": "x"}), "no author"),
        (
            Head(
                "a",
                "json_array",
                first={"id": "1", "channel_id": "2", "author": {}, "content": "", "timestamp": "", "mentions": []},
            ),
            "DiscordChatExporter",
        ),
        (
            Head("a", "json_array", first={"id": "1", "guild_id": "2", "trigger_type": 1, "trigger_metadata": {}}),
            "AutoMod's rules",
        ),
    ],
)
def test_what_another_export_holds_better_is_refused_with_its_name(head: Head, why: str) -> None:
    refused = ADAPTER.recognise(head)
    assert isinstance(refused, Refusal)
    assert why in refused.why


def test_strangers_are_refused() -> None:
    for head in (
        Head("a", "json_array", first={"user": {"id": "1", "name": "x"}, "reason": "spam"}),
        Head("a", "json_array", first={"id": "1", "type": "x", "verified": True}),
        Head("a", "json_object", top_keys=("name", "type", "id", "messages")),
        Head("a", "ndjson", first={"author": "a", "content": "b", "timestamp": 1}),
        Head("a", "csv", columns=("reason", "user")),
        Head("a", "unknown"),
    ):
        assert isinstance(ADAPTER.recognise(head), Refusal), head


@pytest.mark.parametrize(
    "value",
    [
        entry(22, id="1.49877581809860E+18"),
        entry(22, target="moorlandpete"),
        entry("ban"),  # type: ignore[arg-type]  # wrong on purpose
        {"target_id": PETE, "id": snowflake(NOON), "action_type": None},
        timeout("soon"),
        event(user_id=None)["d"],
        event(rule_trigger_type=1.5)["d"],
        {"reason": 5.0, "user": user()},
        {"reason": None, "user": {"username": "x"}},
        message(author=None),
        message(id="x"),
        message(mentions=[{"name": "x"}]),
        {"connections": [{"type": "domain", "id": "a", "verified": "yes"}], "id": PETE},
        {"x": 1},
    ],
)
def test_a_record_of_another_shape_is_rejected(value: dict[str, Any]) -> None:
    context = Context("discord", "any.json", Layout("json_array", "ban"), KEYRING)
    with pytest.raises(RejectedRecord):
        list(ADAPTER.normalise(RawRecord(1, value), context))


def test_more_connections_than_one_account_has_do_not_fill_the_memory() -> None:
    many = [{"type": "domain", "id": f"a{n}.example", "verified": True, "visibility": 0} for n in range(600)]
    content = json.dumps(many).encode()
    layout = context_of(ADAPTER, "any", content).layout
    found = list(ADAPTER.read(io.BytesIO(content), layout))
    assert [type(item) for item in found].count(Unreadable) == 100
    assert [len(item.value["connections"]) for item in found if isinstance(item, RawRecord)] == [500]
