"""The web service: what comes in over HTTP and what goes out."""

import os
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, redirect, request, url_for

from links import __version__
from links.store import Store

MAX_URL = 2048


def create_app(database: str | None = None) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1024
    store = Store(database or os.environ.get("LINKS_DATABASE", "links.db"))

    @app.get("/")
    def about() -> Response:
        return jsonify(service="links", version=__version__)

    @app.get("/healthz")
    def health() -> Response:
        store.ping()
        return jsonify(status="ok")

    @app.post("/links")
    def add() -> tuple[Response, HTTPStatus]:
        body = request.get_json(silent=True)
        url = body.get("url") if isinstance(body, dict) else None
        problem = find_problem(url)
        if problem is not None:
            return jsonify(error=problem), HTTPStatus.UNPROCESSABLE_ENTITY
        code = store.add(url)
        return jsonify(code=code, link=url_for("follow", code=code, _external=True)), HTTPStatus.CREATED

    @app.get("/<code>")
    def follow(code: str) -> Response | tuple[Response, HTTPStatus]:
        url = store.visit(code)
        return redirect(url) if url is not None else unknown(code)

    @app.get("/<code>/visits")
    def visits(code: str) -> Response | tuple[Response, HTTPStatus]:
        count = store.visits(code)
        return jsonify(visits=count) if count is not None else unknown(code)

    return app


def unknown(code: str) -> tuple[Response, HTTPStatus]:
    return jsonify(error=f"there is no link {code}"), HTTPStatus.NOT_FOUND


def find_problem(url: object) -> str | None:
    """Why this is no address that a link may lead to; None where it is one."""
    if not isinstance(url, str) or not url:
        return "a JSON object with a url is needed"
    if len(url) > MAX_URL:
        return f"the url is longer than {MAX_URL} characters"
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the url cannot be read"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "the url has to begin with http:// or https:// and name a host"
    return None
