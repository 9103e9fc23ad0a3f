"""What the code must never do, read from its syntax trees, and what `make lint` looks for."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from support.editions import edition

from monitor.digests.render import bodies

ROOT = Path(__file__).resolve().parents[3]
HOME = ROOT / "monitor"
Nodes = list[ast.AST]
Look = Callable[[Nodes], set[str]]

LOADERS = {
    *("pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "jsonpickle"),
    *("yaml", "ruamel", "runpy", "apscheduler.jobstores"),
}
"""Modules that create from stored bytes whatever the bytes ask for."""
EVALUATORS = {"eval", "exec", "compile", "__import__"}
WAYS = ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")
SHELLS = {
    *("subprocess", "pty", "pexpect", "plumbum", "anyio.run_process", "anyio.open_process"),
    *("os.system", "os.popen", "os.startfile", "os.posix_spawn", "os.posix_spawnp"),
    *(f"os.{kind}{way}" for kind in ("exec", "spawn") for way in WAYS),
}
STARTERS = {"create_subprocess_shell", "create_subprocess_exec", "subprocess_shell"}
"""Names of methods, of whatever object."""
CLOCKS = {"datetime.now", "datetime.today", "datetime.utcnow", "date.today", "time.time"}
MAY_LOOK_AT_A_CLOCK = {
    "clock.py": "the one clock of the world",
    "runners/daemon.py": "APScheduler notes its next turns by a clock of its own",
}


@cache
def modules() -> dict[str, Nodes]:
    """Module -> all nodes of its tree."""
    return {
        file.relative_to(HOME).as_posix(): nodes_of(file.read_text("utf-8"))
        for file in sorted(HOME.rglob("*.py"))
    }


def nodes_of(source: str) -> Nodes:
    return [*ast.walk(ast.parse(source))]


def names(nodes: Nodes) -> set[str]:
    """Everything that a module imports, or reads as `module.name`, dotted."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add(f"{node.value.id}.{node.attr}")
    return found


def within(found: set[str], watched: set[str]) -> set[str]:
    """The members of `watched` that a name equals or lies inside."""
    parts = [name.split(".") for name in found]
    heads = {".".join(part[:length]) for part in parts for length in range(1, len(part) + 1)}
    return heads & watched


def loads(nodes: Nodes) -> set[str]:
    """What a module loads or evaluates that it should not."""
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    called = {node.func.id for node in calls if isinstance(node.func, ast.Name)}
    bare = {"Environment" for node in calls if _is_bare_environment(node)}
    return within(names(nodes), LOADERS) | (called & EVALUATORS) | bare


def _is_bare_environment(call: ast.Call) -> bool:
    """Whether a call makes templates outside a sandbox; those of our own files need none."""
    name = ast.unparse(call.func)
    given = {part.arg: ast.unparse(part.value) for part in call.keywords}
    ours = given.get("loader", "").startswith("PackageLoader(")
    return name.endswith("Environment") and "Sandboxed" not in name and not ours


def shells(nodes: Nodes) -> set[str]:
    """What a module starts other programs with."""
    methods = {node.attr for node in nodes if isinstance(node, ast.Attribute)} & STARTERS
    asked = {"shell=" for node in nodes if isinstance(node, ast.keyword) and node.arg == "shell"}
    return within(names(nodes), SHELLS) | methods | asked


def clocks(nodes: Nodes) -> set[str]:
    """The clocks that a module reads by itself."""
    return names(nodes) & CLOCKS


def strays(look: Look) -> dict[str, set[str]]:
    return {name: found for name, nodes in modules().items() if (found := look(nodes))}


def test_S102_nothing_that_was_stored_or_written_by_others_is_run() -> None:
    """No module uses pickle, YAML or evaluation.

    APScheduler keeps its jobs in memory, and templates of users are in a sandbox.
    """
    assert strays(loads) == {}


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{% include '/etc/passwd' %}",
        "{{ self.__init__.__globals__ }}",
        "{% for n in range(10**9) %}{% endfor %}",
    ],
)
def test_S102_a_template_of_a_user_gets_nowhere(hostile: str) -> None:
    """A hostile template reaches nothing behind its values: ours is used, with a warning."""
    made = bodies(edition(1), {"edition.txt": hostile})
    assert (len(made.warnings), made.text) == (1, bodies(edition(1)).text)


def test_S105_no_other_program_is_ever_started() -> None:
    """No text of a feed can reach a command line, through a shell or not."""
    assert strays(shells) == {}


def test_time_is_an_argument() -> None:
    """Only two modules read a clock; commands too ask the clock that they are given."""
    assert set(strays(clocks)) == set(MAY_LOOK_AT_A_CLOCK)


@pytest.mark.parametrize(
    ("said", "bare"),
    [
        ("noqa: S101", True),
        ("noqa", True),
        ("noqa: S101, PTH123  # a moment", False),
        ("type: ignore[override]", True),
        ("type: ignore[override]  # as the base has it", False),
        ("fmt: skip", False),
    ],
)
def test_the_search_for_reasons_finds_none_where_there_is_none(said: str, bare: bool) -> None:
    assert silenced(f"x()  # {said}") is bare


@pytest.mark.parametrize(
    ("look", "source", "found"),
    [
        (loads, "import pickle", {"pickle"}),
        (loads, "from yaml import load", {"yaml"}),
        (loads, "from apscheduler.jobstores.sqlalchemy import X", {"apscheduler.jobstores"}),
        (loads, "eval('1')", {"eval"}),
        (loads, "re.compile('1')", set()),
        (loads, "jinja2.Environment()", {"Environment"}),
        (loads, "Environment(loader=PackageLoader('x'))", set()),
        (loads, "ImmutableSandboxedEnvironment(loader=None)", set()),
        (shells, "import os\nos.system('ls')", {"os.system"}),
        (shells, "from subprocess import run", {"subprocess"}),
        (shells, "from os import popen", {"os.popen"}),
        (shells, "run('ls', shell=True)", {"shell="}),
        (shells, "await asyncio.create_subprocess_exec('ls')", {"create_subprocess_exec"}),
        (shells, "loop.run(1)", set()),
        (clocks, "datetime.now(UTC)", {"datetime.now"}),
        (clocks, "world.clock.now()", set()),
    ],
)
def test_the_search_finds_what_it_looks_for(look: Look, source: str, found: set[str]) -> None:
    assert look(nodes_of(source)) == found


# ------------------------------------------------------------------- what `make lint` looks for


def test_S112_make_lint_has_the_rules_for_security_and_each_exception_its_reason() -> None:
    """`make lint` runs ruff's `S` (bandit's rules) on all files, with few and known exceptions."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "ruff check ." in makefile.partition("\nlint:")[2].partition("\n\n")[0]
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in rules["select"]
    assert not any(re.match(r"S\d*$", one) for one in rules["ignore"])
    assert set(rules["per-file-ignores"]) == {"tests/**", "bench/**"}


SILENCED = re.compile(
    r"# (?:noqa|type: ignore|pragma|nosec)\b"
    r"(?:: [A-Z]+\d+(?:, ?[A-Z]+\d+)*|\[[\w, -]+\])?(?P<why>.*)$"
)


def silenced(line: str) -> bool:
    """Whether a line silences a check without saying why."""
    found = SILENCED.search(line)
    return found is not None and not re.search(r"\w{2}", found["why"])


def test_every_check_that_is_silenced_says_why() -> None:
    """The reason stands on the same line."""
    found = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for folder in ("monitor", "tests", "bench", "requirements")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for line in file.read_text("utf-8").splitlines()
        if silenced(line)
    ]
    assert found == []


def test_no_test_is_left_out_but_for_want_of_a_browser_or_of_ipv6() -> None:
    """The files with tests that some machines leave out are known by name."""
    left_out = {
        file.name
        for file in (ROOT / "tests").rglob("*.py")
        for node in nodes_of(file.read_text("utf-8"))
        if isinstance(node, ast.Attribute) and node.attr in ("skip", "skipif", "xfail")
        if isinstance(node.value, ast.Attribute | ast.Name)
        and ast.unparse(node.value) in ("pytest", "pytest.mark")
    }
    assert left_out == {"test_page.py", "test_layout.py", "test_identity.py"}


SECRETS = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{22}_\w{59}\b"
    r"|\bxox[abeprs]-\d{8,}-\d{8,}-\w{20,}"
    r"|hooks\.slack\.com/services/T\w{8,}/B\w{8,}/\w{24}\b"
    r"|\bAIza[0-9A-Za-z_-]{35}\b"
    r"|\b[rs]k_live_[0-9A-Za-z]{24,}\b"
    r"|\b\d{9,10}:AA[0-9A-Za-z_-]{33}\b"
)
"""The forms that secrets have: keys, and tokens of Amazon, GitHub, Slack, Google, Stripe and
Telegram."""
MADE_UP = re.compile(r"tests/seams/(channels|fetch)/certs/[\w-]+\.pem$")
"""Keys of servers on loopback, by authorities that nobody trusts."""
FOLDERS = ("monitor", "config", "tests", "bench", "docs", ".ci")
TEXTS = {".py", ".md", ".toml", ".txt", ".html", ".json", ".jsonl", ".pem", ".sh", ""}


def test_S112_no_secret_stands_in_the_repository() -> None:
    """The only keys are those that were made for the tests."""
    found = [
        name
        for folder in FOLDERS
        for file in sorted((ROOT / folder).rglob("*"))
        if file.suffix in TEXTS and file.is_file()
        if SECRETS.search(file.read_text("utf-8", "replace"))
        if not MADE_UP.search(name := file.relative_to(ROOT).as_posix())
    ]
    assert found == []


def test_the_search_for_secrets_finds_some() -> None:
    """The search finds the keys of the tests, and tokens put together here."""
    assert SECRETS.search((ROOT / "tests/seams/fetch/certs/good.pem").read_text())
    assert SECRETS.search("AKIA" + "Q7" * 8)
    assert SECRETS.search("https://hooks.slack.com/services/" + "T12345678/B12345678/" + "x" * 24)
    assert not SECRETS.search("https://hooks.slack.com/services/T/B/made-up")
