"""The HTTP interface, over real requests to the routes that the app mounts."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.inference import predictor
from pages.parts import api
from tests.core.inference.conftest import make_run

TOKEN = "a-token-of-some-length"
AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def client(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("FIELDGUIDE_TOKEN", TOKEN)
    return TestClient(Starlette(routes=api.routes()), headers=AUTHORISED)


def sentence(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    return response.json()["error"]


def send(client: TestClient, run_id: str, *files: tuple[str, bytes]) -> httpx.Response:
    return client.post("/api/predict", params={"run": run_id}, files=[("files", file) for file in files])


def test_answers_are_the_predictors_and_bad_files_stand_beside_them(
    client: TestClient, tiny_folder: Path
) -> None:
    run = make_run(tiny_folder)
    good = tiny_folder / "red" / "00.png"
    response = send(client, run.id, ("a.png", good.read_bytes()), ("b.txt", b"no image"))
    assert response.status_code == 200
    first, second = response.json()["predictions"]
    expected = predictor.load(run.id).predict([good])[0]
    assert first["path"] == "a.png" and first["label"] == expected.label
    assert first["probabilities"] == pytest.approx(expected.probabilities, abs=1e-6)
    assert second["path"] == "b.txt" and "image" in second["error"]


def test_runs_that_can_answer_are_listed(client: TestClient, tiny_folder: Path) -> None:
    run = make_run(tiny_folder)
    assert [found["run"] for found in client.get("/api/runs").json()["runs"]] == [run.id]


def test_health_needs_no_token_and_tells_nothing(client: TestClient) -> None:
    assert client.get("/api/health", headers={"Authorization": ""}).json() == {"status": "ok"}


def test_without_a_token_in_the_environment_the_interface_is_off(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FIELDGUIDE_TOKEN")
    assert "FIELDGUIDE_TOKEN" in sentence(client.get("/api/runs"), 404)


def test_a_wrong_token_is_refused(client: TestClient) -> None:
    wrong = client.post("/api/predict", headers={"Authorization": "Bearer nothing"})
    assert "Authorization: Bearer" in sentence(wrong, 401)


def test_an_unknown_run_is_404_and_a_missing_one_422(client: TestClient) -> None:
    assert "no run" in sentence(send(client, "nothing", ("a.png", b"x")), 404)
    assert "/api/runs" in sentence(send(client, "", ("a.png", b"x")), 422)


def test_other_content_types_are_415(client: TestClient) -> None:
    response = client.post("/api/predict", params={"run": "x"}, json={"image": "…"})
    assert "multipart/form-data" in sentence(response, 415)


def test_no_files_and_damaged_forms_are_422(client: TestClient, tiny_folder: Path) -> None:
    run = make_run(tiny_folder)
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    empty = client.post("/api/predict", params={"run": run.id}, headers=form, content=b"--b--\r\n")
    assert "no file" in sentence(empty, 422)
    damaged = client.post("/api/predict", params={"run": run.id}, headers=form, content=b"nonsense")
    assert damaged.status_code == 422


def test_too_many_files_are_413(client: TestClient) -> None:
    files = [(f"{index}.png", b"x") for index in range(70)]
    assert "At most 64 files" in sentence(send(client, "x", *files), 413)


def test_too_large_a_request_is_413_whatever_length_it_tells(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "MOST_BYTES", 1000)
    assert "larger than" in sentence(send(client, "x", ("a.png", b"x" * 5000)), 413)

    def body():  # chunked: no length is told
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        yield b"x" * 5000

    form = {"Content-Type": "multipart/form-data; boundary=b"}
    chunked = client.post("/api/predict", params={"run": "x"}, headers=form, content=body())
    assert "larger than" in sentence(chunked, 413)
