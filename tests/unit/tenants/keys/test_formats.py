"""The formats, byte for byte: compared with a second implementation, and written down so that none changes unseen.

What was sealed once must open for ever: who changes a format gives it another number, and leaves these as they are.
"""

import hmac
import os
from hashlib import sha256
from uuid import UUID

import pytest

from tenants.keys import (
    BlobOpener,
    BlobSealer,
    KeyPlace,
    LocalMasterKey,
    Tampered,
    TenantKeys,
    fingerprint,
    seal,
    unseal,
)
from tenants.keys.derivation import derived
from tenants.keys.framing import framed, number
from tests.support import reference

KEY = bytes(range(32))
NONCE = bytes(range(100, 112))
INSTANCE = UUID("00112233-4455-6677-8899-aabbccddeeff")
TENANT = UUID("01234567-89ab-cdef-0123-456789abcdef")
ROW = UUID("fedcba98-7654-3210-fedc-ba9876543210")
PLACE = KeyPlace(instance=INSTANCE, tenant=TENANT, version=3)

MASTER_ID = "e9689a4274363721141ebf1049d38749"
WRAPPED = (
    "016465666768696a6b6c6d6e6fa7e74ff5b9bc62280fe92718edee0dd3eebe07762da901914cb6e8cc3cda3182ccedc8"
    "9e56103a50a47e918e7ac26e42"
)
FIELD = "016465666768696a6b6c6d6e6fa7c24205b1819977f4b502ff814727da98b3891f669ea8ff0403108d77329f6105b9"
BLOB = (
    "524842310000000000000002016465666768696a6b6c6d6e6fcf131930bae01a9e0baacb1a873c897da44f5c7d9a86ab"
    "08a7ec0113b4bd6f5f9f80a71c6d7f6e72a316ed4dfe8a338dc70c16555d73bb8269c42645c1b35230877c6aeab3fc96"
)
FINGERPRINT = "459953f626d7dc78555f2e35268f20db"
TENANT_KEYS = {
    "vault": "f88c60974e5f960a7e19c2d4e5a3444a67b86ac0bb8001137f912f5b95f18be3",
    "field": "96647ccee2498e680429526c39a1ee6ce2d2f10027fd7f53673346ccc20effd2",
    "blob": "dedd4f72733d486e749e87ab7ce4513c28790dcee427684ef6e1aa16b2fbbed6",
    "index": "220297b3029deacf4f14d30552e037e5614b072765331665987a988fdd6db680",
    "backup": "a339e334e58a601bdd3e867b745c471ddd66a4c05cffa44e0b1d15458f001edc",
}


# RFC 5869, appendix A: test cases 1 to 3.
@pytest.mark.parametrize(
    ("key", "salt", "info", "length", "expected"),
    [
        (
            "0b" * 22,
            "000102030405060708090a0b0c",
            "f0f1f2f3f4f5f6f7f8f9",
            42,
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            bytes(range(80)).hex(),
            bytes(range(0x60, 0xB0)).hex(),
            bytes(range(0xB0, 0x100)).hex(),
            82,
            (
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
                "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
            ),
        ),
        (
            "0b" * 22,
            "",
            "",
            42,
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ],
)
def test_the_second_hkdf_is_that_of_the_rfc(key: str, salt: str, info: str, length: int, expected: str) -> None:
    made = reference.hkdf(bytes.fromhex(key), bytes.fromhex(info), length, bytes.fromhex(salt))
    assert made.hex() == expected


# RFC 8452, appendix C.2.
@pytest.mark.parametrize(
    ("plain", "bound_to", "expected"),
    [
        ("", "", "07f5f4169bbf55a8400cd47ea6fd400f"),
        ("0100000000000000", "", "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28"),
        ("010000000000000000000000", "", "9aab2aeb3faa0a34aea8e2b18ca50da9ae6559e48fd10f6e5c9ca17e"),
        ("0200000000000000", "01", "1de22967237a813291213f267e3b452f02d01ae33e4ec854"),
    ],
)
def test_the_second_gcm_siv_is_that_of_the_rfc(plain: str, bound_to: str, expected: str) -> None:
    key, nonce = bytes([1, *bytes(31)]), bytes([3, *bytes(11)])
    assert reference.gcm_siv(key, nonce, bytes.fromhex(plain), bytes.fromhex(bound_to)).hex() == expected


# The GCM specification's test cases 13, 14 and 16 (McGrew and Viega).
@pytest.mark.parametrize(
    ("key", "nonce", "plain", "bound_to", "expected"),
    [
        ("00" * 32, "00" * 12, "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
        ("00" * 32, "00" * 12, "00" * 16, "", "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
        (
            "feffe9928665731c6d6a8f9467308308" * 2,
            "cafebabefacedbaddecaf888",
            (
                "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
            ),
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            (
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
                "c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"
            ),
        ),
    ],
)
def test_the_second_gcm_is_that_of_the_specification(
    key: str, nonce: str, plain: str, bound_to: str, expected: str
) -> None:
    made = reference.gcm(*(bytes.fromhex(each) for each in (key, nonce, plain, bound_to)))
    assert made.hex() == expected


def test_values_are_framed_in_one_way_only() -> None:
    assert framed(b"ab", b"", b"c") == bytes.fromhex("00000002 6162 00000000 00000001 63".replace(" ", ""))
    lists = [(), (b"",), (b"", b""), (b"ab",), (b"a", b"b"), (b"", b"ab"), (b"ab", b""), (framed(b"a", b"b"),)]
    assert len({framed(*parts) for parts in lists}) == len(lists)
    assert number(3) == bytes([0, 0, 0, 0, 0, 0, 0, 3])
    for beyond in (-1, 1 << 64):
        with pytest.raises(OverflowError):
            number(beyond)


def test_keys_are_derived_as_they_always_were() -> None:
    keys = TenantKeys.derive(KEY, tenant=TENANT, version=3)
    for purpose, expected in TENANT_KEYS.items():
        info = reference.frame(b"reelhouse", b"tenant key", purpose.encode(), TENANT.bytes, (3).to_bytes(8))
        assert getattr(keys, purpose).hex() == reference.hkdf(KEY, info).hex() == expected
    assert derived(KEY, b"x", length=7) == reference.hkdf(KEY, reference.frame(b"reelhouse", b"x"), 7)


def test_what_depends_on_tenant_and_version_differs() -> None:
    assert TenantKeys.derive(KEY, tenant=TENANT, version=2).vault.hex() != TENANT_KEYS["vault"]
    assert TenantKeys.derive(KEY, tenant=ROW, version=3).vault.hex() != TENANT_KEYS["vault"]


def test_keys_are_wrapped_as_they_always_were() -> None:
    master = LocalMasterKey(KEY)
    made = master.wrap(KEY, PLACE)
    assert master.id == MASTER_ID
    assert made == wrapped_again(made[1:13])
    assert wrapped_again(NONCE).hex() == WRAPPED
    assert master.unwrap(bytes.fromhex(WRAPPED), PLACE) == KEY


def wrapped_again(nonce: bytes) -> bytes:
    key = reference.hkdf(KEY, reference.frame(b"reelhouse", b"master key", b"wrap"))
    id_ = reference.hkdf(KEY, reference.frame(b"reelhouse", b"master key", b"id"), 16).hex()
    parts = (b"\1", b"reelhouse tenant key", INSTANCE.bytes, TENANT.bytes, (3).to_bytes(8), id_.encode())
    return b"\1" + nonce + reference.gcm(key, nonce, KEY, reference.frame(*parts))


def test_fields_are_sealed_as_they_always_were() -> None:
    def field_again(nonce: bytes) -> bytes:
        numbers = ((2).to_bytes(8), (9).to_bytes(8))
        parts = (b"\1", b"reelhouse field", TENANT.bytes, b"api_key", ROW.bytes, b"secret", *numbers)
        return b"\1" + nonce + reference.gcm_siv(KEY, nonce, b"sk-live-0123456789", reference.frame(*parts))

    made = seal(
        b"sk-live-0123456789",
        key=KEY,
        key_version=2,
        tenant=TENANT,
        table="api_key",
        row=ROW,
        column="secret",
        version=9,
    )
    assert made == field_again(made[1:13])
    assert field_again(NONCE).hex() == FIELD
    opened = unseal(
        bytes.fromhex(FIELD),
        key=KEY,
        key_version=2,
        tenant=TENANT,
        table="api_key",
        row=ROW,
        column="secret",
        version=9,
    )
    assert opened == b"sk-live-0123456789"


def test_files_are_sealed_as_they_always_were() -> None:
    plain = bytes(200) * 500  # two chunks

    def blob_again(file_key: bytes, nonce: bytes, content: bytes) -> bytes:
        place = reference.frame(b"\1", b"reelhouse blob", b"RHB1", TENANT.bytes, ROW.bytes, (2).to_bytes(8))
        head = b"RHB1" + (2).to_bytes(8) + b"\1" + nonce + reference.gcm_siv(KEY, nonce, file_key, place)
        chunks = [content[at : at + 65_536] for at in range(0, len(content), 65_536)] or [b""]
        last = len(chunks) - 1
        return head + b"".join(
            reference.gcm(file_key, at.to_bytes(11) + bytes([at == last]), chunk, b"")
            for at, chunk in enumerate(chunks)
        )

    opener = BlobOpener(key=KEY, key_version=2, tenant=TENANT, file=ROW)
    assert opener.update(blob_again(os.urandom(32), NONCE, plain)) + opener.finish() == plain
    assert blob_again(KEY[::-1], NONCE, b"a video").hex() == BLOB
    opener = BlobOpener(key=KEY, key_version=2, tenant=TENANT, file=ROW)
    assert opener.update(bytes.fromhex(BLOB)) + opener.finish() == b"a video"


def test_a_file_that_ends_with_an_empty_chunk_is_refused_even_if_the_key_s_owner_wrote_it() -> None:
    """Each file has one form only."""
    place = reference.frame(b"\1", b"reelhouse blob", b"RHB1", TENANT.bytes, ROW.bytes, (2).to_bytes(8))
    head = b"RHB1" + (2).to_bytes(8) + b"\1" + NONCE + reference.gcm_siv(KEY, NONCE, KEY, place)
    chunks = reference.gcm(KEY, bytes(12), bytes(65_536), b"") + reference.gcm(KEY, (1).to_bytes(11) + b"\1", b"", b"")
    opener = BlobOpener(key=KEY, key_version=2, tenant=TENANT, file=ROW)
    assert opener.update(head + chunks) == bytes(65_536)
    with pytest.raises(Tampered):
        opener.finish()


def test_what_the_sealer_of_files_writes_has_that_form(monkeypatch: pytest.MonkeyPatch) -> None:
    given = iter([KEY[::-1], NONCE])
    monkeypatch.setattr(os, "urandom", lambda size: next(given))
    sealer = BlobSealer(key=KEY, key_version=2, tenant=TENANT, file=ROW)
    assert (sealer.update(b"a video") + sealer.finish()).hex() == BLOB


def test_fingerprints_are_made_as_they_always_were() -> None:
    framed_again = reference.frame(b"reelhouse fingerprint", b"sk-live-0123456789")
    made = hmac.new(KEY, framed_again, sha256).hexdigest()[:32]
    assert fingerprint(b"sk-live-0123456789", KEY) == made == FINGERPRINT
