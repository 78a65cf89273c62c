"""The lab's server answers its own page and nobody else, within limits, and ends with its processes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the lab's server needs Starlette: pip install 'chainrule[lab]'")

from click.testing import CliRunner

from chainrule.cli import main
from chainrule.lab import worker
from chainrule.lab.assets import ASSETS, FIRST
from chainrule.lab.server import LONGEST_BODY, Address, application
from tests.lab.asgi import Answer, Client
from tests.lab.hostile import SLOW

ADDRESS = Address("127.0.0.1", 8123, token="secret-token")
HERE = "http://127.0.0.1:8123"
REQUEST = {"formula": "x^2", "wishes": ["point"], "at": 3.0}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    made = Client(application(ADDRESS, workers=worker.Workers(1)), "127.0.0.1:8123")
    made.start()
    yield made
    made.end()


def ask(client: Client, data: Any, **headers: str) -> Answer:
    body = json.dumps(data).encode()
    return client.ask("POST", "/secret-token/ask", body, content_type="application/json", **headers)


def test_the_page_and_its_assets_are_served_with_a_policy_that_allows_nothing_from_elsewhere(client: Client) -> None:
    page = client.ask("GET", "/secret-token/")
    assert page.status == 200
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
    for name in ASSETS:
        assert client.ask("GET", f"/secret-token/{name}").status == 200
    assert set(FIRST) == {name for name in ASSETS if name.endswith(".js")}
    assert page.headers["referrer-policy"] == "no-referrer"


def test_an_answer_is_that_of_the_pure_function(client: Client) -> None:
    response = ask(client, REQUEST, origin=HERE)
    assert response.headers["content-type"] == "application/json"
    assert response.json()["point"]["slopes"] == [6.0]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {}),
        ("/wrong-token/", {}),
        ("/secret-token", {}),
        ("/secret-tokenx/", {}),
        ("//secret-token/", {}),
        ("/secret-token/", {"host": "evil.example:8123"}),
        ("/secret-token/", {"host": "127.0.0.1:9999"}),
        ("/secret-token/", {"host": "127.0.0.1"}),
        ("/secret-token/", {"host": "127.0.0.1:8123@evil.example"}),
        ("/secret-token/", {"host": "localhost.evil.example:8123"}),
        ("/secret-token/", {"host": "0.0.0.0:8123"}),
        ("/secret-token/", {"host": ""}),
        ("/secret-token/", {"origin": "http://evil.example"}),
        ("/secret-token/", {"origin": "null"}),
        ("/secret-token/", {"origin": "http://localhost:8123"}),
        ("/secret-token/", {"origin": "https://127.0.0.1:8123"}),
        ("/secret-token/", {"sec_fetch_site": "cross-site"}),
        ("/secret-token/", {"sec_fetch_site": "same-site"}),
    ],
)
def test_a_wrong_token_host_or_origin_is_forbidden(client: Client, path: str, headers: dict[str, str]) -> None:
    for method in ("GET", "POST"):
        response = client.ask(method, path, **headers)
        assert response.status == 403
        assert "content-security-policy" in response.headers


def test_no_path_leads_to_a_file(client: Client) -> None:
    for path in ("server.py", "..%2fserver.py", "%2e%2e/%2e%2e/pyproject.toml", "index.html", "page%00.js"):
        assert client.ask("GET", f"/secret-token/{path}").status == 404


def test_what_is_no_small_json_is_refused_as_json(client: Client) -> None:
    assert ask(client, {"formula": "x" * LONGEST_BODY, "wishes": []}).status == 413
    for content, kind, status in (
        (b"{", "application/json", 400),
        (b"[" * 9000, "application/json", 400),
        (b'{"at": NaN}', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"{}", "text/plain", 415),
    ):
        response = client.ask("POST", "/secret-token/ask", content, content_type=kind)
        assert response.status == status
        assert response.json()["error"]["reason"]
    assert client.ask("GET", "/secret-token/ask").status in (404, 405)


def test_what_takes_too_long_is_ended_and_the_next_question_is_answered() -> None:
    async def both() -> tuple[bytes, bytes]:
        workers = worker.Workers(1, seconds=0.4)
        try:
            late = await workers.answer({"formula": SLOW[0], "wishes": ["curve"], "lang": "zh"})
            return late, await workers.answer(REQUEST)
        finally:
            await workers.end()

    late, after = asyncio.run(both())
    assert "过长" in json.loads(late)["error"]["reason"]
    assert json.loads(after)["point"]["slopes"] == [6.0]


def test_another_host_than_this_computer_is_refused_unless_it_is_asked_for() -> None:
    refused = CliRunner().invoke(main, ["lab", "--host", "0.0.0.0", "--no-browser"])
    assert refused.exit_code == 2
    assert "--allow-remote" in refused.output
    remote = Address("0.0.0.0", 80, remote=True)
    assert remote.is_own("192.168.1.5")
    assert not remote.is_own("evil.example")
    assert remote.token != Address("0.0.0.0", 80, remote=True).token
