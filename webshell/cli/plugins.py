"""The commands ``reelhouse plugin list|show|new|check``."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from core.api import Parameter, ParameterType, parameters_schema
from core.host.checking import Finding, check_installed, check_project
from core.host.home import home_folder
from core.host.host import PluginHost
from core.host.projects import ProjectKind, write_project
from core.host.state import PluginState, PluginStatus
from core.media.encode import open_session
from webshell.cli.errors import BAD_INPUT

app = typer.Typer(name="plugin", help="See, make and check plugins.", no_args_is_help=True)
PIPED_WIDTH = 200
"""Columns of tables that go to a file or another program, which has no width of its own."""

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

_STYLES = {
    PluginStatus.ENABLED: "green",
    PluginStatus.ACTIVE: "green",
    PluginStatus.DISABLED: "dim",
    PluginStatus.MISSING: "yellow",
    PluginStatus.PAUSED: "yellow",
}


@app.command("list")
def list_plugins(as_json: JsonFlag = False) -> None:
    """List the plugins that are installed, each with its state and, where it does not work, the cause."""
    with PluginHost.load(home=home_folder()) as host:
        host.catalogue()
        states = host.plugins()
    if as_json:
        _print_json({"plugins": [_summary(state) for state in states]})
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Plugin", "Version", "Contributes", "State"):
        table.add_column(title, no_wrap=title != "State" and title != "Contributes", overflow="fold")
    for state in states:
        table.add_row(escape(state.id), escape(_version(state)), _counts(state), _told_status(state))
    _console().print(table)
    if not states:
        _console().print("No plugins are installed.")


@app.command("show")
def show(plugin_id: Annotated[str, typer.Argument(metavar="ID")], as_json: JsonFlag = False) -> None:
    """Show one plugin: its manifest, what it contributes with all parameters, and its faults."""
    with PluginHost.load(home=home_folder()) as host:
        state = host.plugin(plugin_id)
    if as_json:
        _print_json(_details(state))
        return
    _show_manifest(state)
    for kind, contributions in state.declared.items():
        for contribution in contributions:
            _console().print()
            heading = Text.assemble((contribution.id, "bold cyan"), f"  {kind.noun}: {contribution.title}")
            _console().print(heading)
            if contribution.description:
                _console().print(Padding(Text(contribution.description), (0, 0, 0, 2)))
            if contribution.params:
                _console().print(Padding(_parameter_table(contribution.params), (0, 0, 0, 2)))
    for fault in state.faults:
        _console().print()
        times = "once" if fault.count == 1 else f"{fault.count} times"
        _console().print(Text.assemble(("Fault", "bold red"), f" in {fault.call}, {times}: {fault.cause}"))
        if fault.trace:
            _console().print(Padding(Text(fault.trace.rstrip(), "dim"), (0, 0, 0, 2)))


@app.command("new")
def new(
    plugin_id: Annotated[str, typer.Argument(metavar="ID", help="Like acme.negative: your name, then the plugin's.")],
    kind: Annotated[ProjectKind, typer.Option(help="What it contributes.")] = ProjectKind.EFFECT,
    path: Annotated[Path | None, typer.Option(help="The folder to write; by default one named like the id.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write a new plugin project that works: change it from there."""
    folder = write_project(plugin_id, kind, path)
    id_ = plugin_id.replace("-", ".")
    if as_json:
        _print_json({"id": id_, "kind": kind.value, "path": str(folder.resolve())})
        return
    _console().print(f"[bold green]Done[/]: {escape(str(folder))} holds a working plugin. Next:", soft_wrap=True)
    _console().print(f"  pip install -e {escape(str(folder))}", soft_wrap=True)
    _console().print(f"  reelhouse plugin show {id_}\n  reelhouse plugin check {id_}")


@app.command("check")
def check(
    target: Annotated[str, typer.Argument(metavar="[PATH|ID]", help="A project's folder, or a plugin's id.")] = ".",
    as_json: JsonFlag = False,
) -> None:
    """Check a plugin's manifest, its import and the contract of all it contributes; exit with 2 for a bad one."""
    home = home_folder()
    if Path(target).is_dir():
        findings = check_project(Path(target).resolve(), home=home, open_session=open_session)
    else:
        with PluginHost.load(home=home) as host:
            findings = check_installed(host.plugin(target), open_session=open_session)
    is_good = all(finding.is_good for finding in findings)
    if as_json:
        _print_json(
            {
                "good": is_good,
                "checks": [
                    {"what": each.what, "good": each.is_good, "problem": each.problem, "unchecked": each.reason}
                    for each in findings
                ],
            }
        )
    else:
        for finding in findings:
            _console().print(_told_finding(finding), soft_wrap=True)
    if not is_good:
        raise typer.Exit(BAD_INPUT)


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPED_WIDTH)


def _told_finding(finding: Finding) -> Text:
    if finding.problem:
        return Text.assemble(("✗ ", "bold red"), (finding.what, "bold"), f": {finding.problem}")
    if finding.reason:
        return Text.assemble(("– ", "yellow"), (finding.what, "bold"), f": {finding.reason}")
    return Text.assemble(("✓ ", "green"), finding.what)


def _told_status(state: PluginState) -> Text:
    note = "" if state.is_listed or not state.is_usable else " (not listed)"
    status = Text.assemble((state.status.value + note, _STYLES.get(state.status, "bold red")))
    if state.cause:
        status.append(f": {state.cause}")
    return status


def _version(state: PluginState) -> str:
    return state.manifest.version if state.manifest else state.distribution_version


def _counts(state: PluginState) -> str:
    contributes = state.manifest.contributes if state.manifest else {}
    return ", ".join(
        f"{len(ids)} {kind.value.replace('_', ' ') if len(ids) > 1 else kind.noun}" for kind, ids in contributes.items()
    )


def _show_manifest(state: PluginState) -> None:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    rows: list[tuple[str, str | Text]] = [("State", _told_status(state))]
    if state.hint:
        rows.append(("Hint", state.hint))
    if manifest := state.manifest:
        rows += [
            ("Name", manifest.name),
            ("About", manifest.description),
            ("Version", manifest.version),
            ("Publisher", manifest.publisher),
            ("Licence", manifest.licence),
            ("Api", manifest.api),
            ("Module", manifest.module),
            ("Calls", ", ".join(manifest.net) or "no hosts"),
            ("Secrets", ", ".join(manifest.secrets) or "none"),
        ]
    if state.distribution:
        rows.append(("Distribution", f"{state.distribution} {state.distribution_version}"))
    if state.path:
        rows.append(("Manifest", str(state.path)))
    if state.load_seconds is not None:
        rows.append(("Import", f"{state.load_seconds * 1000:.0f} ms"))
    _console().print(Text(state.id, "bold"))
    for name, value in rows:
        table.add_row(Text(name, "dim"), value if isinstance(value, Text) else Text(value))
    _console().print(table)


def _parameter_table(parameters: Iterable[Parameter]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Parameter", "Type", "Default", "Range", ""):
        table.add_column(title, overflow="fold")
    for each in parameters:
        default = "required" if each.default is None else str(each.default)
        notes = ", ".join(filter(None, ("animatable" if each.animatable else "", each.help)))
        table.add_row(Text(each.name), each.type.value, Text(default), Text(_range(each)), Text(notes))
    return table


def _range(parameter: Parameter) -> str:
    if parameter.type is ParameterType.CHOICE:
        return " | ".join(parameter.choices)
    low, high = parameter.minimum, parameter.maximum
    match (low is None, high is None):
        case (False, False):
            text = f"{low:g} … {high:g}"
        case (False, True):
            text = f"≥ {low:g}"
        case (True, False):
            text = f"≤ {high:g}"
        case _:
            text = ""
    return f"{text} {parameter.unit}".strip()


def _summary(state: PluginState) -> dict[str, object]:
    contributes = state.manifest.contributes if state.manifest else {}
    return {
        "id": state.id,
        "version": _version(state),
        "distribution": state.distribution,
        "status": state.status.value,
        "cause": state.cause,
        "hint": state.hint,
        "listed": state.is_listed,
        "contributes": {kind.value: list(ids) for kind, ids in contributes.items()},
        "load_seconds": state.load_seconds,
    }


def _details(state: PluginState) -> dict[str, object]:
    manifest = state.manifest
    facts = (
        {}
        if manifest is None
        else {
            "name": manifest.name,
            "description": manifest.description,
            "api": manifest.api,
            "licence": manifest.licence,
            "publisher": manifest.publisher,
            "icon": manifest.icon,
            "module": manifest.module,
            "capabilities": {"net": list(manifest.net), "secrets": list(manifest.secrets)},
        }
    )
    return {
        **_summary(state),
        **facts,
        "manifest": str(state.path) if state.path else None,
        "contributions": [
            {
                "kind": kind.value,
                "id": each.id,
                "title": each.title,
                "description": each.description,
                "params": parameters_schema(each.params),
            }
            for kind, contributions in state.declared.items()
            for each in contributions
        ],
        "faults": [
            {
                "contribution": fault.contribution,
                "call": fault.call,
                "cause": fault.cause,
                "count": fault.count,
                "trace": fault.trace,
            }
            for fault in state.faults
        ],
    }


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
