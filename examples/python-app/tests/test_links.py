import pytest
from flask.testing import FlaskClient

from links.app import create_app


@pytest.fixture
def client(tmp_path) -> FlaskClient:
    return create_app(str(tmp_path / "links.db")).test_client()


def shorten(client: FlaskClient, url: str) -> str:
    answer = client.post("/links", json={"url": url})
    assert answer.status_code == 201
    return answer.json["code"]


def test_says_what_it_is(client):
    assert client.get("/").json == {"service": "links", "version": "1.0.0"}


def test_is_healthy(client):
    assert client.get("/healthz").json == {"status": "ok"}


def test_a_link_leads_to_its_address(client):
    code = shorten(client, "https://example.org/a?b=c#d")
    answer = client.get(f"/{code}")
    assert answer.status_code == 302
    assert answer.location == "https://example.org/a?b=c#d"


def test_the_answer_names_the_whole_link(client):
    answer = client.post("/links", json={"url": "https://example.org"}).json
    assert answer["link"] == f"http://localhost/{answer['code']}"


def test_one_address_has_one_code(client):
    assert shorten(client, "https://example.org") == shorten(client, "https://example.org")


def test_two_addresses_have_two_codes(client):
    assert shorten(client, "https://example.org/1") != shorten(client, "https://example.org/2")


def test_visits_are_counted(client):
    code = shorten(client, "https://example.org")
    assert client.get(f"/{code}/visits").json == {"visits": 0}
    client.get(f"/{code}")
    client.get(f"/{code}")
    assert client.get(f"/{code}/visits").json == {"visits": 2}


@pytest.mark.parametrize("path", ["/nothere", "/nothere/visits"])
def test_unknown_codes_are_not_found(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"url": ""},
        {"url": 7},
        {"url": "example.org"},
        {"url": "javascript:alert(1)"},
        {"url": "https://"},
        {"url": "http://[::1"},
        {"url": "https://example.org/" + "a" * 2048},
    ],
)
def test_what_is_no_web_address_is_refused(client, body):
    answer = client.post("/links", json=body)
    assert answer.status_code == 422
    assert answer.json["error"]


def test_links_outlive_a_restart(tmp_path):
    file = str(tmp_path / "links.db")
    code = shorten(create_app(file).test_client(), "https://example.org")
    assert create_app(file).test_client().get(f"/{code}").location == "https://example.org"
