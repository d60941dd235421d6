"""A bare caller: what goes over the wire is exactly what a test writes."""

from __future__ import annotations

from typing import Any

import requests

from dashboard.sandbox import SandboxServer


class Caller:
    """Talks to one sandbox with a token, over one connection."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.trust_env = False

    def close(self) -> None:
        self.session.close()

    def token(self) -> dict[str, Any]:
        sent = {"imp_key": self.server.key, "imp_secret": self.server.secret}
        found = self.session.post(f"{self.server.url}/users/getToken", json=sent, timeout=10)
        assert found.status_code == 200, found.text
        return found.json()["response"]

    def ask(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        """The answer, its envelope checked: every one has the three fields."""
        headers = {"Authorization": f"Bearer {self.token()['access_token']}"}
        headers |= kwargs.pop("headers", {})
        url = self.server.url + path
        found = self.session.request(method, url, headers=headers, timeout=10, **kwargs)
        assert {"code", "message", "response"} <= set(found.json()), found.text
        return found

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.ask("GET", path, params=params)

    def ok(self, path: str, **params: Any) -> Any:
        found = self.get(path, **params)
        assert found.status_code in {200, 207}, found.text
        assert found.json()["code"] == 0, found.text
        return found.json()["response"]

    def post(self, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        return self.ask("POST", path, json=body or {})

    def cancel(self, **body: Any) -> dict[str, Any]:
        found = self.post("/payments/cancel", body)
        assert found.status_code == 200, found.text
        return found.json()

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        found = self.session.request(
            method,
            f"{self.server.url}/_control{path}",
            json=body,
            headers={"X-Control-Token": self.server.control_token},
            timeout=10,
        )
        assert found.status_code == 200, found.text
        return found.json()["response"]
