"""Sealed fields: each opens in its own place alone."""

import os
from typing import TypedDict
from uuid import UUID, uuid4

import pytest

from core.api import InvalidInput
from tenants.keys import LONGEST_SECRET, Tampered, fingerprint, last_four, seal, unseal
from tests.support.amount import amount
from tests.support.counts import counted
from tests.support.tampering import spoilt


class Place(TypedDict):
    key: bytes
    key_version: int
    tenant: UUID
    table: str
    row: UUID
    column: str
    version: int


PLACE: Place = {
    "key": os.urandom(32),
    "key_version": 1,
    "tenant": uuid4(),
    "table": "api_key",
    "row": uuid4(),
    "column": "secret",
    "version": 7,
}
SECRET = b"sk-live-0123456789abcdef"


@pytest.mark.parametrize(
    "plain", [b"", b"x", SECRET, os.urandom(LONGEST_SECRET)], ids=["none", "one", "key", "longest"]
)
def test_what_was_sealed_opens_in_its_place(plain: bytes) -> None:
    sealed = seal(plain, **PLACE)
    assert unseal(sealed, **PLACE) == plain
    assert len(sealed) == len(plain) + 29
    assert sealed != seal(plain, **PLACE)


def test_a_secret_that_is_too_long_is_refused_by_the_name_of_its_column() -> None:
    with pytest.raises(InvalidInput) as caught:
        seal(bytes(LONGEST_SECRET + 1), **PLACE)
    assert caught.value.path == "secret"


def test_every_spoilt_field_is_refused() -> None:
    sealed = seal(SECRET, **PLACE)
    refused = 0
    for spoiling in spoilt(sealed, seed=2, count=amount(4_000)):
        with pytest.raises(Tampered):
            unseal(spoiling, **PLACE)
        refused += 1
    counted(f"{refused} spoilt sealed fields, all refused", refused=refused)


@pytest.mark.parametrize(
    "elsewhere",
    [
        pytest.param({"tenant": uuid4()}, id="another tenant"),
        pytest.param({"table": "setting"}, id="another table"),
        pytest.param({"row": uuid4()}, id="another row"),
        pytest.param({"column": "label"}, id="another column"),
        pytest.param({"version": 6}, id="an older version of the row"),
        pytest.param({"key_version": 2}, id="another version of the key"),
        pytest.param({"key": os.urandom(32)}, id="another key"),
        pytest.param({"table": "api_keysecret", "column": ""}, id="names cut elsewhere"),
        pytest.param({"table": "secret", "column": "api_key"}, id="names swapped"),
        pytest.param({"tenant": PLACE["row"], "row": PLACE["tenant"]}, id="ids swapped"),
        pytest.param({"version": 1, "key_version": 7}, id="versions swapped"),
    ],
)
def test_a_field_does_not_open_elsewhere(elsewhere: Place) -> None:
    sealed = seal(SECRET, **PLACE)
    with pytest.raises(Tampered) as caught:
        unseal(sealed, **(PLACE | elsewhere))
    assert SECRET.decode() not in str(caught.value)


def test_random_places_never_open_each_others_fields() -> None:
    """Fields of some tenants, tables, rows, columns and versions: each opens with its own place and no other."""
    tenants = [uuid4() for _ in range(2)]
    rows = [uuid4() for _ in range(2)]
    places: list[Place] = [
        {**PLACE, "tenant": tenant, "table": table, "row": row, "column": column, "version": version}
        for tenant in tenants
        for table in ("api_key", "setting")
        for row in rows
        for column in ("secret", "refresh")
        for version in range(1, 1 + max(1, amount(20) // 10))
    ]
    sealed = [seal(SECRET, **place) for place in places]
    refused = 0
    for at, place in enumerate(places):
        for other, field in enumerate(sealed):
            if at == other:
                assert unseal(field, **place) == SECRET
            else:
                with pytest.raises(Tampered):
                    unseal(field, **place)
                refused += 1
    assert refused == len(places) * (len(places) - 1)


def test_a_fingerprint_tells_secrets_and_tenants_apart() -> None:
    key = os.urandom(32)
    assert fingerprint(SECRET, key) == fingerprint(SECRET, key)
    assert len({fingerprint(SECRET, key), fingerprint(SECRET + b" ", key), fingerprint(SECRET, os.urandom(32))}) == 3
    assert len(fingerprint(SECRET, key)) == 32


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("", ""),
        ("abc", ""),
        ("abcd", "d"),
        ("abcdefgh", "gh"),
        ("0123456789abcdef", "cdef"),
        ("x" * 60 + "1234", "1234"),
    ],
)
def test_at_most_a_quarter_of_a_secret_is_shown(secret: str, shown: str) -> None:
    assert last_four(secret) == shown
