"""What lies in deploy/ fits the software: variables, commands, files, limits."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import crossplane
import pytest
from django.conf import settings

from tests.platform.deployment import (
    DEPLOY,
    ROOT,
    command_of,
    compose,
    instructions,
    ours,
    unit,
    units,
)
from tests.platform.production import HOST
from tests.variables import documented
from walletsite.shell.headers import bare_headers

pytestmark = pytest.mark.once
VARIABLES = set(documented())


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that an operator has made with our script."""
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    made = [DEPLOY / "new-secrets.sh", folder]
    subprocess.run(made, check=True, env={**os.environ, "OWNER": f"{os.getuid()}"})
    assert subprocess.run(made, check=False, capture_output=True).returncode != 0, "overwritten"
    return folder


def container_environment(service: dict[str, Any], secrets: Path, folder: Path) -> dict[str, str]:
    """What a process in this container sees, its paths turned to ours."""
    image = dict(re.findall(r"(\w+)=(\S+)", " ".join(r for n, r in instructions() if n == "ENV")))
    found = {name: str(value) for name, value in {**image, **service["environment"]}.items()}
    found = {name: text.replace("/run/secrets", str(secrets)) for name, text in found.items()}
    return {
        **found,
        "WALLET_VAR_DIR": str(folder),
        "PATH": os.environ["PATH"],
        # .env, which the operator writes.
        "DJANGO_ALLOWED_HOSTS": HOST,
        "SMS_GATEWAY": "tests.gateways.RecordingGateway",
        "BANK_RAIL": "tests.rails.NoBank",
        "IDENTITY_CHECK": "tests.checkers.KnowsEverybody",
    }


# --- compose.yaml -----------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(ours()))
def test_the_settings_accept_what_compose_hands_over(
    name: str, secrets: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env=container_environment(ours()[name], secrets, tmp_path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_every_variable_of_compose_is_one_we_read() -> None:
    for service in ours().values():
        assert {name.removesuffix("_FILE") for name in service["environment"]} <= VARIABLES


def test_every_secret_is_declared_handed_over_and_made() -> None:
    file = compose()
    made = set(re.findall(r"\b([A-Z]+(?:_[A-Z]+)+)\b", (DEPLOY / "new-secrets.sh").read_text()))
    for name, service in file["services"].items():
        text = json.dumps(service)
        for secret in re.findall(r"/run/secrets/([\w.]+)", text):
            assert secret in service["secrets"], f"{name} reads {secret} without having it"
        assert set(service.get("secrets", [])) <= set(file["secrets"])
    assert {each for each in file["secrets"] if not each.startswith("tls.")} <= made
    for secret in file["secrets"].values():
        assert secret["file"].startswith("./secrets/")
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text()


def test_nobody_but_the_proxy_is_reachable_or_believed() -> None:
    file = compose()
    services, networks = file["services"], file["networks"]
    assert [name for name, each in services.items() if "ports" in each] == ["proxy"]
    assert sorted(name for name, each in services.items() if "front" in each["networks"]) == [
        "proxy",
        "web",
    ]
    assert networks["front"]["internal"] and networks["back"]["internal"]
    [subnet] = [each["subnet"] for each in networks["front"]["ipam"]["config"]]
    assert services["web"]["environment"]["WALLET_TRUSTED_PROXIES"] == subnet
    for store in ("postgres", "redis"):
        assert services[store]["networks"] == ["back"]


def test_everything_of_ours_is_locked_down_and_looked_after() -> None:
    for name, service in ours().items():
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        is_lasting = name in {"web", "worker", "beat"}
        assert service["restart"] == ("unless-stopped" if is_lasting else "no"), name
        if is_lasting:
            wanted = service["depends_on"]["migrate"]["condition"]
            assert wanted == "service_completed_successfully", name
    for name in ("postgres", "redis", "proxy"):
        assert compose()["services"][name]["healthcheck"]["test"], name


def test_no_image_is_taken_by_a_moving_name() -> None:
    images = [each["image"] for each in compose()["services"].values()]
    for image in images:
        assert re.search(r":(?!latest)[\w${}.:-]*\d", image), image


def test_time_to_stop_is_longer_than_the_longest_task() -> None:
    for service in ours().values():
        assert int(service["stop_grace_period"].removesuffix("s")) > settings.CELERY_TASK_TIME_LIMIT


def test_a_redis_that_is_full_forgets_no_counter() -> None:
    assert "noeviction" in json.dumps(compose()["services"]["redis"]["command"])


# --- Containerfile ----------------------------------------------------------------------


def test_the_image_is_built_from_hashes_and_runs_as_nobody() -> None:
    lines = instructions()
    runs = " ".join(rest for name, rest in lines if name == "RUN")
    assert "--require-hashes" in runs and "--only-binary :all:" in runs
    [user] = [rest for name, rest in lines if name == "USER"]
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    [version] = re.findall(
        r"PYTHON=(\S+)", " ".join(r for n, r in lines if n == "ARG" and "=" in r)
    )
    assert re.match(r"3\.1[1-4]-slim", version)
    assert any(name == "HEALTHCHECK" for name, _rest in lines)
    # The programs of the database are not older than the server of the compose file.
    [client] = re.findall(r"postgresql-client-(\d+)", runs)
    assert f"postgres:{client}" in compose()["services"]["postgres"]["image"]


def test_neither_keys_nor_data_get_into_the_image() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = [line.removeprefix("!") for line in rules if line.startswith("!")]
    assert not {"var", ".env", "deploy", "deploy/secrets", "tests"} & set(let_in)
    # And everything that it needs does.
    for path in let_in:
        assert (ROOT / path).exists(), path
    files = " ".join(rest for _name, rest in instructions())
    for named in re.findall(r"deploy/[\w.]+", files):
        assert named in let_in


# --- systemd ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", units(), ids=lambda path: path.name)
def test_a_unit_is_locked_down_and_named_well(path: Path) -> None:
    lines = unit(path)
    assert lines["User"] == lines["Group"] == ["wallet"]
    for name, value in (
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("CapabilityBoundingSet", ""),
        ("SystemCallFilter", "@system-service"),
        ("UMask", "0077"),
        ("EnvironmentFile", "/etc/wallet/wallet.env"),
    ):
        assert lines[name] == [value], (path.name, name)
    for document in lines["Documentation"]:
        assert (ROOT / document.removeprefix("file:///srv/wallet/")).exists(), document
    for line in lines.get("Environment", []):
        assert line.split("=")[0] in VARIABLES


@pytest.mark.parametrize("path", units(), ids=lambda path: path.name)
def test_the_command_of_a_unit_exists_and_takes_these_words(path: Path) -> None:
    """tests/platform/test_production.py starts them for real; here: every word is understood."""
    program, *words = command_of(path.name)
    name = Path(program).name
    if name == "gunicorn":
        command = ["-m", "gunicorn", "--print-config", *words]
    elif name == "celery":
        command = ["-m", "celery", *words, "--help"]
    else:
        assert name == "python"
        command = [*words, "--help"]
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for option in re.findall(r"--[a-z-]+", " ".join(words)):
        assert (name == "celery" and option == "--app") or option in done.stdout, option


# --- nginx ------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["upstream.conf", "upstream.compose.conf"])
def nginx(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The whole file as nginx reads it; directives and their number of words are checked."""
    main = tmp_path_factory.mktemp("nginx") / "nginx.conf"
    main.write_text(
        "events {}\nhttp {\n"
        f"  include {DEPLOY}/nginx/{request.param};\n  include {DEPLOY}/nginx/wallet.conf;\n}}\n"
    )
    parsed = crossplane.parse(str(main), combine=True, strict=True)
    # nginx knows the first since 1.19.4, this parser does not yet; the others stand in a `map`.
    known = ("ssl_reject_handshake", '""', '"default"', '"~')
    unknown = tuple(f"unknown directive {each}" for each in known)
    is_known = [
        each["error"].startswith(unknown) or "ssl_reject_handshake" in each["error"]
        for each in parsed["errors"]
    ]
    assert all(is_known), parsed["errors"]
    parsed = crossplane.parse(str(main), combine=True)
    [http] = [each for each in parsed["config"][0]["parsed"] if each["directive"] == "http"]
    return http["block"]


def values(block: list[dict[str, Any]], name: str) -> list[list[str]]:
    return [each["args"] for each in block if each["directive"] == name]


def site(nginx: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The server that has the pages."""
    servers = [each["block"] for each in nginx if each["directive"] == "server"]
    [found] = [block for block in servers if values(block, "ssl_certificate")]
    return found


def test_the_proxy_sets_what_it_says_about_clients(nginx: Any) -> None:
    said = dict(values(site(nginx), "proxy_set_header"))  # type: ignore[arg-type]
    assert said["X-Forwarded-For"] == "$remote_addr"
    assert said["X-Forwarded-Proto"] == "$scheme"
    for name in ("X-Forwarded-Host", "X-Forwarded-Port", "X-Real-IP", "Forwarded"):
        assert said[name] == "", name
    # A location with headers of its own would lose all of these.
    locations = [each for each in site(nginx) if each["directive"] == "location"]
    for location in locations:
        assert not values(location["block"], "proxy_set_header")
        assert not values(location["block"], "add_header")


def test_the_proxy_buffers_limits_and_says_https_once(nginx: Any) -> None:
    server = site(nginx)
    assert values(server, "proxy_request_buffering") == [["on"]]
    [[size]] = values(server, "client_max_body_size")
    assert size == "3m" and settings.DATA_UPLOAD_MAX_MEMORY_SIZE == 3 * 1024 * 1024
    assert values(server, "proxy_hide_header") == [["Strict-Transport-Security"]]
    first, *_own = values(server, "add_header")
    assert first == ["Strict-Transport-Security", "max-age=31536000", "always"]
    for name in ("client_header_timeout", "client_body_timeout", "send_timeout"):
        assert values(server, name), name
    assert set(values(server, "ssl_protocols")[0]) == {"TLSv1.2", "TLSv1.3"}


def test_what_the_proxy_answers_by_itself_carries_the_headers_of_the_pages(nginx: Any) -> None:
    maps = {each["args"][1]: each for each in nginx if each["directive"] == "map"}
    own = {name: (value, when) for name, value, when in values(site(nginx), "add_header")}
    ours = dict(bare_headers())
    for name in ("X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options", "Cache-Control"):
        value, when = own[name]
        said = {each["directive"]: each["args"] for each in maps[value]["block"]}
        # Once, whoever answers: empty where the application has said it.
        assert maps[value]["args"][0] == f"$upstream_http_{name.lower().replace('-', '_')}"
        assert said == {"": [ours[name]], "default": [""]} and when == "always", name
    [policy] = maps[own["Content-Security-Policy"][0]]["block"][0]["args"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    wait = maps[own["Retry-After"][0]]
    assert wait["args"][0] == "$status:$upstream_http_retry_after"
    assert re.match(wait["block"][0]["directive"].removeprefix("~"), "429:")
    assert not re.match(wait["block"][0]["directive"].removeprefix("~"), "429:60")
    assert ["429", "@too_often"] in values(site(nginx), "error_page")
    assert ["X-Request-ID", "$request_id"] in values(site(nginx), "proxy_set_header")


def test_the_proxy_writes_down_no_query_and_no_page_one_came_from(nginx: Any) -> None:
    """What people search their records for stands behind the question mark."""
    [(name, *parts)] = values(nginx, "log_format")
    line = " ".join(parts)
    assert "$uri" in line
    for holds_it in ("$request ", '$request"', "$request_uri", "$args", "$query_string"):
        assert holds_it not in line
    assert "referer" not in line and "cookie" not in line
    servers = [each["block"] for each in nginx if each["directive"] == "server"]
    for block in servers:
        if ["wallet.example"] in values(block, "server_name"):
            assert [name for _path, name in values(block, "access_log")] == [name]


def test_idle_connections_are_closed_by_the_proxy_first(nginx: Any) -> None:
    [upstream] = [each["block"] for each in nginx if each["directive"] == "upstream"]
    [[proxy]] = values(upstream, "keepalive_timeout")
    text = (DEPLOY / "gunicorn.conf.py").read_text(encoding="utf-8")
    [ours] = re.findall(r"^keepalive = (\d+)", text, re.M)
    assert int(proxy.removesuffix("s")) < int(ours)
