import pytest

from core.cage import STRICT, WEAK, CageRefused, KernelOffer, Policy, policy_of

ALL = ("user", "net", "ipc", "uts")


def offer(*, has_seccomp: bool = True, landlock_abi: int = 7) -> KernelOffer:
    return KernelOffer(
        machine="x86_64",
        has_seccomp=has_seccomp,
        landlock_abi=landlock_abi,
        namespaces=ALL,
        has_cgroup_v2=False,
    )


@pytest.mark.parametrize(
    ("value", "policy"), [(None, STRICT), ("", STRICT), ("0", STRICT), ("1", WEAK), ("true", WEAK)]
)
def test_the_setting_accepts_weaker_kernels(value: str | None, policy: Policy) -> None:
    environment = {} if value is None else {"REELHOUSE_SANDBOX_WEAK": value}
    assert policy_of(environment) == policy


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        (offer(), ()),
        (offer(landlock_abi=4), ()),
        (offer(landlock_abi=3), ("Landlock 4 (there is 3)",)),
        (offer(has_seccomp=False, landlock_abi=0), ("seccomp filters", "Landlock 4 (there is none)")),
    ],
)
def test_seccomp_and_landlock_four_are_asked_for(found: KernelOffer, missing: tuple[str, ...]) -> None:
    assert found.missing(STRICT) == missing


def test_a_weak_kernel_is_refused_unless_the_policy_accepts_it() -> None:
    with pytest.raises(CageRefused, match=r"lacks Landlock 4 \(there is 2\)") as refused:
        offer(landlock_abi=2).check(STRICT)
    assert "REELHOUSE_SANDBOX_WEAK=1" in str(refused.value.hint)
    offer(landlock_abi=2).check(WEAK)
    offer().check(STRICT)
