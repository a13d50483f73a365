"""The taxonomy is whole: every leaf stands in a band with its gate, and no value that platforms list is missed.

The lists are typed out here from their definitions, so that they do not depend on the map that they test.
"""

# ruff: noqa: SIM905 - a line of words reads better than a word a line

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from graphmatch.model import Gate, Specificity
from graphmatch.normalise.categories import CONTENT_FREE, UNMAPPED, band_of, bands, category, gate_of, leaves

DATA = files("graphmatch.normalise").joinpath("data")

#: com.atproto.moderation.defs#reason…
OZONE_LEGACY = frozenset(
    """
    Spam Violation Misleading Sexual Rude Other Appeal
    """.split()
)
#: tools.ozone.report.defs#reason…, as of atproto d6296a1c.
OZONE = frozenset(
    """
    Appeal ChildSafetyCSAM ChildSafetyGroom ChildSafetyHarassment ChildSafetyOther ChildSafetyPrivacy
    HarassmentDoxxing HarassmentHateSpeech HarassmentOther HarassmentTargeted HarassmentTroll MisleadingBot
    MisleadingElections MisleadingImpersonation MisleadingOther MisleadingScam MisleadingSpam Other
    RuleBanEvasion RuleOther RuleProhibitedSales RuleSiteSecurity SelfHarmContent SelfHarmED SelfHarmOther
    SelfHarmStunts SelfHarmSubstances SexualAbuseContent SexualAnimal SexualDeepfake SexualNCII SexualOther
    SexualUnlabeled ViolenceAnimal ViolenceExtremistContent ViolenceGlorification ViolenceGraphicContent
    ViolenceOther ViolenceThreats ViolenceTrafficking
    """.split()
)
#: The same, in force for a month in autumn 2025 (atproto a5b20f02).
OZONE_DRAFT = frozenset(
    """
    ChildSafetyEndangerment ChildSafetyMinorPrivacy ChildSafetyPromotion CivicDisclosure CivicElectoralProcess
    CivicImpersonation CivicInterference CivicMisinformation MisleadingMisinformation MisleadingSyntheticContent
    RuleStolenContent SexualSextortion ViolenceAnimalWelfare ViolenceSelfHarm
    """.split()
)
#: STATEMENT_CATEGORY_…, schema 2 (transparency-database 69e80a0b, Statement.php).
DSA_CATEGORIES = frozenset(
    """
    ANIMAL_WELFARE CONSUMER_INFORMATION CYBER_VIOLENCE CYBER_VIOLENCE_AGAINST_WOMEN
    DATA_PROTECTION_AND_PRIVACY_VIOLATIONS ILLEGAL_OR_HARMFUL_SPEECH INTELLECTUAL_PROPERTY_INFRINGEMENTS
    NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS NOT_SPECIFIED_NOTICE OTHER_VIOLATION_TC
    PROTECTION_OF_MINORS RISK_FOR_PUBLIC_SECURITY SCAMS_AND_FRAUD SELF_HARM UNSAFE_AND_PROHIBITED_PRODUCTS
    VIOLENCE
    """.split()
)
#: KEYWORD_…, the list that Statement.php accepts.
DSA_KEYWORDS = frozenset(
    """
    ADULT_SEXUAL_MATERIAL AGE_SPECIFIC_RESTRICTIONS AGE_SPECIFIC_RESTRICTIONS_MINORS ANIMAL_HARM
    BIOMETRIC_DATA_BREACH BULLYING_AGAINST_GIRLS CHILD_SEXUAL_ABUSE_MATERIAL
    CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE CONTENT_PROMOTING_EATING_DISORDERS COORDINATED_HARM
    COPYRIGHT_INFRINGEMENT CYBER_BULLYING_INTIMIDATION CYBER_HARASSMENT CYBER_HARASSMENT_AGAINST_WOMEN
    CYBER_INCITEMENT CYBER_STALKING CYBER_STALKING_AGAINST_WOMEN DATA_FALSIFICATION DEFAMATION
    DESIGN_INFRINGEMENT DISCRIMINATION FEMALE_GENDERED_DISINFORMATION GEOGRAPHICAL_REQUIREMENTS
    GEOGRAPHIC_INDICATIONS_INFRINGEMENT GOODS_SERVICES_NOT_PERMITTED GROOMING_SEXUAL_ENTICEMENT_MINORS
    HATE_SPEECH HIDDEN_ADVERTISEMENT HUMAN_EXPLOITATION HUMAN_TRAFFICKING ILLEGAL_ORGANIZATIONS
    IMPERSONATION_ACCOUNT_HIJACKING INAUTHENTIC_ACCOUNTS INAUTHENTIC_LISTINGS INAUTHENTIC_USER_REVIEWS
    INCITEMENT_AGAINST_WOMEN INCITEMENT_VIOLENCE_HATRED INSUFFICIENT_INFORMATION_ON_TRADERS
    LANGUAGE_REQUIREMENTS MISINFORMATION_DISINFORMATION MISLEADING_INFO_CONSUMER_RIGHTS
    MISLEADING_INFO_GOODS_SERVICES MISSING_PROCESSING_GROUND NONCOMPLIANCE_PRICING NON_CONSENSUAL_IMAGE_SHARING
    NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN NON_CONSENSUAL_MATERIAL_DEEPFAKE
    NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN NUDITY OTHER PATENT_INFRINGEMENT PHISHING PROHIBITED_PRODUCTS
    PYRAMID_SCHEMES RIGHT_TO_BE_FORGOTTEN RISK_ENVIRONMENTAL_DAMAGE RISK_PUBLIC_HEALTH SELF_MUTILATION STALKING
    SUICIDE TERRORIST_CONTENT TRADEMARK_INFRINGEMENT TRADE_SECRET_INFRINGEMENT TRAFFICKING_WOMEN_GIRLS
    UNLAWFUL_SALE_ANIMALS UNSAFE_CHALLENGES UNSAFE_PRODUCTS VIOLATION_EU_LAW VIOLATION_NATIONAL_LAW
    """.split()
)
#: The shared labels of IFTAS and DTSP (iftas-org/resources 4858cd93), and as they were spelt before and after.
IFTAS = frozenset(
    """
    APT Account-Takeover Astroturfing Brigading CSAM CSEA Catfishing Content-and-Conduct-Related-Risk
    Coordinated-Inauthentic-Behaviour Copyright-Infringement Counterfeit Cross-Platform-Abuse Defamation
    Dehumanisation Disinformation Doxxing Explicit-Content Farming Glorification-of-Violence Hate-Speech
    Impersonation Incitement Misinformation NCII Online-Harassment Phishing Service-Abuse Sextortion Sock-Puppet
    Spam Synthetic-Media TVEC Troll Violent-Threat
    """.split()
)
IFTAS_ALSO = frozenset({"Dehumanization", "Sock-Puppets"})

LEAVES = frozenset(
    """
    debate.robust_criticism debate.off_topic abuse.insult abuse.harassment_targeted abuse.pile_on abuse.sexualised
    abuse.ncii abuse.defamation abuse.minor hatred.protected_characteristic hatred.dehumanisation hatred.incitement
    intimidation.threat_nonviolent intimidation.doxxing intimidation.stalking intimidation.undue_influence
    violence.threat violence.incitement violence.glorification violence.extremism_terrorism violence.graphic
    violence.other deception.ban_evasion deception.sockpuppet deception.coordinated_inauthentic
    deception.impersonation deception.fake_account deception.synthetic_media civic.election_misinformation
    civic.misinformation_other civic.foreign_interference other.spam other.scam_fraud other.csea other.minor_safety
    other.self_harm other.adult_content other.regulated_goods other.trafficking other.ip other.animal other.privacy
    other.security other.consumer meta.appeal meta.report_abuse meta.illegal_unspecified meta.rule_violation
    meta.automated_flag meta.other
    """.split()
)


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(DATA.joinpath(name).read_text("utf-8").splitlines()))


def listed(platform: str) -> set[str]:
    return {row["raw"] for row in rows("category_map.csv") if row["platform"] == platform}


def test_the_fifty_leaves_are_those() -> None:
    assert len(LEAVES) == 50
    assert set(leaves()) == LEAVES | {UNMAPPED}
    assert len(leaves()) == len(set(leaves()))


def test_every_leaf_stands_in_a_band_and_every_band_has_leaves() -> None:
    assert list(bands()) == [
        "debate", "abuse", "hatred", "intimidation", "violence", "deception", "civic", "other", "meta", UNMAPPED,
    ]  # fmt: skip
    assert [band for band in bands() if band in {band_of(leaf) for leaf in leaves()}] == list(bands())
    assert {band_of(leaf) for leaf in leaves()} <= bands().keys()
    assert all(definition.strip() for definition in bands().values())


def test_every_leaf_has_one_row_a_gate_a_severity_and_a_definition() -> None:
    taxonomy = rows("taxonomy.csv")
    assert [row["leaf"] for row in taxonomy] == list(leaves())
    for row in taxonomy:
        assert Gate(row["gate"]) is gate_of(row["leaf"])
        assert row["severity"] in set("01234")
        assert row["definition"].strip()


def test_no_table_says_imminent() -> None:
    # A person raises a report that far; nothing that a platform or a reporter writes does.
    assert Gate.IMMINENT not in {gate_of(leaf) for leaf in leaves()}


def test_the_gravest_leaves_are_illegal_and_no_debate_is() -> None:
    for row in rows("taxonomy.csv"):
        if row["severity"] == "4":
            assert gate_of(row["leaf"]) is Gate.ILLEGAL, row["leaf"]
        if band_of(row["leaf"]) in {"debate", "meta", UNMAPPED}:
            assert gate_of(row["leaf"]) is Gate.DEBATE, row["leaf"]


@pytest.mark.parametrize(
    ("platform", "prefix", "values", "count"),
    [
        ("bluesky", "com.atproto.moderation.defs#reason", OZONE_LEGACY, 7),
        ("bluesky", "tools.ozone.report.defs#reason", OZONE, 40),
        ("bluesky", "tools.ozone.report.defs#reason", OZONE_DRAFT, 14),
        ("dsa_sor", "STATEMENT_CATEGORY_", DSA_CATEGORIES, 16),
        ("dsa_sor", "KEYWORD_", DSA_KEYWORDS, 69),
        ("iftas_dtsp", "", IFTAS, 34),
        ("iftas_dtsp", "", IFTAS_ALSO, 2),
    ],
)
def test_no_value_that_is_listed_is_missed(platform: str, prefix: str, values: frozenset[str], count: int) -> None:
    assert len(values) == count
    for value in values:
        raw = f"{prefix}{value}"
        assert raw in listed(platform), raw
        assert category(platform, raw).leaf in LEAVES, raw


def test_the_map_names_no_value_that_nobody_lists() -> None:
    ozone = {f"com.atproto.moderation.defs#reason{name}" for name in OZONE_LEGACY}
    ozone |= {f"tools.ozone.report.defs#reason{name}" for name in OZONE | OZONE_DRAFT}
    assert listed("bluesky") == ozone
    assert {
        value.removeprefix("KEYWORD_") for value in listed("dsa_sor") if value.startswith("KEYWORD")
    } == DSA_KEYWORDS
    assert listed("iftas_dtsp") == IFTAS | IFTAS_ALSO


def test_every_mapped_leaf_exists_and_every_specificity_is_one() -> None:
    for row in rows("category_map.csv"):
        assert row["leaf"] in LEAVES, row
        assert row["specificity"] in set(Specificity), row


def test_no_platforms_value_is_robust_criticism() -> None:
    # It acquits: only somebody who has read the content can say so.
    assert "debate.robust_criticism" not in {row["leaf"] for row in rows("category_map.csv")}


def test_what_is_said_against_women_and_girls_is_noted() -> None:
    named = ("_WOMEN", "_GIRLS", "FEMALE_")
    for row in rows("category_map.csv"):
        if row["platform"] == "dsa_sor" and any(word in row["raw"] for word in named):
            assert row["note"] == "targeted_characteristic=sex", row["raw"]


def test_child_abuse_is_kept_free_of_content_under_every_vocabulary() -> None:
    named = (
        "CSAM",
        "CSEA",
        "Groom",
        "GROOMING",
        "CHILD_SEXUAL",
        "ChildAbuse",
        "ChildSafetyPromotion",
        "involving minors",
    )
    for row in rows("category_map.csv"):
        if any(word in row["raw"] for word in named):
            assert row["leaf"] == CONTENT_FREE, row
