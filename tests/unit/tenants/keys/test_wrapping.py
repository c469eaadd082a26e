"""Wrapped keys: only what this master key wrapped for this very place unwraps."""

import os
from dataclasses import replace
from uuid import uuid4

import pytest

from tenants.keys import KeyPlace, LocalMasterKey, Tampered
from tests.support.amount import amount
from tests.support.counts import counted
from tests.support.tampering import spoilt

PLACE = KeyPlace(instance=uuid4(), tenant=uuid4(), version=1)


def test_what_was_wrapped_unwraps_and_never_looks_the_same() -> None:
    master = LocalMasterKey(os.urandom(32))
    key = os.urandom(32)
    first, second = master.wrap(key, PLACE), master.wrap(key, PLACE)
    assert master.unwrap(first, PLACE) == master.unwrap(second, PLACE) == key
    assert first != second
    assert len(first) == 61
    assert key not in first


def test_every_spoilt_wrapping_is_refused() -> None:
    master = LocalMasterKey(os.urandom(32))
    wrapped = master.wrap(os.urandom(32), PLACE)
    refused = 0
    for spoiling in spoilt(wrapped, seed=1, count=amount(2_000)):
        with pytest.raises(Tampered):
            master.unwrap(spoiling, PLACE)
        refused += 1
    counted(f"{refused} spoilt wrapped keys, all refused", refused=refused)


def test_each_bit_of_a_wrapping_counts() -> None:
    master = LocalMasterKey(os.urandom(32))
    wrapped = master.wrap(os.urandom(32), PLACE)
    for bit in range(len(wrapped) * 8):
        flipped = bytearray(wrapped)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Tampered):
            master.unwrap(bytes(flipped), PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        pytest.param(replace(PLACE, instance=uuid4()), id="another house"),
        pytest.param(replace(PLACE, tenant=uuid4()), id="another tenant"),
        pytest.param(replace(PLACE, version=2), id="another version"),
        pytest.param(replace(PLACE, instance=PLACE.tenant, tenant=PLACE.instance), id="house and tenant swapped"),
    ],
)
def test_a_wrapped_key_does_not_unwrap_elsewhere(elsewhere: KeyPlace) -> None:
    master = LocalMasterKey(os.urandom(32))
    with pytest.raises(Tampered):
        master.unwrap(master.wrap(os.urandom(32), PLACE), elsewhere)


def test_another_master_key_does_not_unwrap() -> None:
    with pytest.raises(Tampered):
        LocalMasterKey(os.urandom(32)).unwrap(LocalMasterKey(os.urandom(32)).wrap(os.urandom(32), PLACE), PLACE)


def test_a_fingerprint_is_the_same_for_the_same_key_alone() -> None:
    key = os.urandom(32)
    assert LocalMasterKey(key).id == LocalMasterKey(key).id != LocalMasterKey(os.urandom(32)).id
    assert len(LocalMasterKey(key).id) == 32


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_master_key_has_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        LocalMasterKey(bytes(size))
