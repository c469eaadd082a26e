"""The registry: which hooks each plugin implements, and what it declared. It registers and checks; it never calls."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType, ModuleType

import pluggy

from core.api import HookSpecs, ReelhouseError, did_you_mean
from core.api.hooks import PROJECT
from core.host.declarations import problems_of
from core.host.kinds import Contribution, Kind
from core.host.manifest import Manifest

MOST_DECLARATIONS = 1000


class RegistrationError(ReelhouseError):
    """A plugin breaks a rule of the registry; it is left out and changes nothing."""

    code = "plugin_not_registered"


class Registry:
    """Holds the plugins that passed the checks. Not thread-safe: its owner locks."""

    def __init__(self) -> None:
        self._pluggy = pluggy.PluginManager(PROJECT)
        self._pluggy.add_hookspecs(HookSpecs)
        self._known_hooks = frozenset(name for name in vars(HookSpecs) if name.startswith(f"{PROJECT}_"))
        self._declared: dict[str, Mapping[Kind, tuple[Contribution, ...]]] = {}
        self._owners: dict[tuple[Kind, str], str] = {}

    def register(self, manifest: Manifest, module: ModuleType) -> None:
        """Take a plugin's module in; raise ``RegistrationError`` for hooks that are misspelt, unmarked or mistyped."""
        self._refuse_unmarked(module)
        try:
            self._pluggy.register(module, name=manifest.id)
        except (pluggy.PluginValidationError, ValueError) as err:
            self.remove(manifest.id)
            raise RegistrationError(f"its hooks do not fit: {err}") from err
        callers = self._pluggy.get_hookcallers(module) or []
        if any(each.wrapper or each.hookwrapper for hook in callers for each in hook.get_hookimpls()):
            self.remove(manifest.id)
            raise RegistrationError(
                "implements a hook as a wrapper: hooks here declare and listen, there is nothing to wrap"
            )
        pending = sorted(hook.name for hook in callers if not hook.has_spec())
        if pending:
            self.remove(manifest.id)
            near = did_you_mean(pending[0], self._known_hooks)
            raise RegistrationError(f"implements {', '.join(pending)}, which is no hook{near}")

    def implementation(self, plugin_id: str, hook: str) -> Callable[..., object] | None:
        """Return a plugin's implementation of a hook, taking the arguments it asks for by name; None without one."""
        caller: pluggy.HookCaller = getattr(self._pluggy.hook, hook)
        for implementation in caller.get_hookimpls():
            if implementation.plugin_name == plugin_id:
                function, names = implementation.function, implementation.argnames
                return lambda **given: function(*(given[name] for name in names))
        return None

    def implementers(self, hook: str) -> tuple[str, ...]:
        """Return the ids of the plugins that implement a hook, sorted."""
        caller: pluggy.HookCaller = getattr(self._pluggy.hook, hook)
        return tuple(sorted(implementation.plugin_name for implementation in caller.get_hookimpls()))

    def declare(self, manifest: Manifest, declared: Mapping[Kind, tuple[Contribution, ...]]) -> None:
        """Keep what a plugin's hooks declared.

        Raise ``RegistrationError`` where it differs from the manifest or takes an id that another plugin has.
        """
        for kind in Kind:
            contributions = declared.get(kind, ())
            _compare(kind, [each.id for each in contributions], manifest.contributes.get(kind, ()))
            for contribution in contributions:
                owner = self._owners.get((kind, contribution.id))
                if owner:
                    raise RegistrationError(
                        f"{manifest.id} and {owner} both declare the {kind.noun} {contribution.id}; {owner}'s is used"
                    )
        self._declared[manifest.id] = MappingProxyType(dict(declared))
        self._owners.update(
            ((kind, contribution.id), manifest.id) for kind, listed in declared.items() for contribution in listed
        )

    def declared(self, plugin_id: str) -> Mapping[Kind, tuple[Contribution, ...]]:
        """Return what a plugin declared; nothing for one that is not there."""
        return self._declared.get(plugin_id, MappingProxyType({}))

    def remove(self, plugin_id: str) -> None:
        """Take a plugin out, whether it was in or not."""
        if self._pluggy.has_plugin(plugin_id):
            self._pluggy.unregister(name=plugin_id)
        self._declared.pop(plugin_id, None)
        self._owners = {key: owner for key, owner in self._owners.items() if owner != plugin_id}

    def _refuse_unmarked(self, module: ModuleType) -> None:
        for name, member in vars(module).items():
            is_hook = name in self._known_hooks and inspect.isfunction(member)
            if is_hook and not hasattr(member, f"{PROJECT}_impl"):
                raise RegistrationError(f"{name} is not marked with @hookimpl")


def collected(kind: Kind, result: object) -> tuple[Contribution, ...]:
    """Turn what a hook returned into declarations.

    Raise ``TypeError`` when it is something else and ``RegistrationError`` when a declaration is malformed. Iterating
    and looking may run the plugin's code: call it where that runs.
    """
    wanted = kind.declared_as.__name__
    if not isinstance(result, Iterable) or isinstance(result, str | bytes):
        raise TypeError(f"{kind.hook} returned {_named(result)} instead of an iterable of {wanted}")
    declared: list[Contribution] = []
    for contribution in result:
        if not isinstance(contribution, kind.declared_as):
            raise TypeError(f"{kind.hook} gave {_named(contribution)} instead of {wanted}")
        if problems := problems_of(contribution):
            raise RegistrationError(f"the {kind.noun} {contribution.id!r} {'; '.join(problems)}")
        declared.append(contribution)
        if len(declared) > MOST_DECLARATIONS:
            raise TypeError(f"{kind.hook} gave more than {MOST_DECLARATIONS} declarations")
    return tuple(declared)


def _named(result: object) -> str:
    return "None" if result is None else type(result).__name__


def _compare(kind: Kind, declared: list[str], listed: Iterable[str]) -> None:
    twice = sorted({id_ for id_ in declared if declared.count(id_) > 1})
    if twice:
        raise RegistrationError(f"declares the {kind.noun} {twice[0]} twice")
    extra, missing = sorted(set(declared) - set(listed)), sorted(set(listed) - set(declared))
    if extra:
        raise RegistrationError(f"{kind.hook} declares {', '.join(extra)}, which plugin.toml does not list")
    if missing:
        raise RegistrationError(
            f"plugin.toml lists the {kind.value} {', '.join(missing)}, which {kind.hook} does not declare"
        )
