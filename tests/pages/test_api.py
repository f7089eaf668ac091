"""The HTTP interface, over real requests to the routes that the app mounts."""

import asyncio
import threading
from pathlib import Path

import httpx
import jsonschema
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.inference import predictor, service, unknown
from pages.parts import api, api_description, api_request
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


def send(client: TestClient, run_id: str, *files: tuple[str, bytes], **asked: str) -> httpx.Response:
    forms = [("files", file) for file in files]
    return client.post("/api/predict", params={"run": run_id, **asked}, files=forms)


def fits(response: httpx.Response, path: str, method: str = "get") -> None:
    """The answer is what the description says of that route and status."""
    described = client_document()["paths"][path][method]["responses"][str(response.status_code)]
    schema = described["content"]["application/json"]["schema"]
    jsonschema.validate(response.json(), schema | {"components": client_document()["components"]})


def client_document() -> dict:
    return api_description.document(most_bytes=api_request.MOST_BYTES)


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
    monkeypatch.setattr(api_request, "MOST_BYTES", 1000)
    assert "larger than" in sentence(send(client, "x", ("a.png", b"x" * 5000)), 413)

    def body():  # chunked: no length is told
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        yield b"x" * 5000

    form = {"Content-Type": "multipart/form-data; boundary=b"}
    chunked = client.post("/api/predict", params={"run": "x"}, headers=form, content=body())
    assert "larger than" in sentence(chunked, 413)


def test_a_mirror_image_and_reasons_on_request(client: TestClient, tiny_folder: Path) -> None:
    run = make_run(tiny_folder)
    good = tiny_folder / "red" / "00.png"
    asked = {"mirror": "true", "explain": "true"}
    response = send(client, run.id, ("a.png", good.read_bytes()), ("b.txt", b"no image"), **asked)
    first, second = response.json()["predictions"]
    fits(response, "/api/predict", "post")
    (expected,) = predictor.load(run.id).looking_twice().predict([good])
    assert first["probabilities"] == pytest.approx(expected.probabilities, abs=1e-5)
    assert first["explanation"]["method"] == "Grad-CAM"
    assert max(max(row) for row in first["explanation"]["heat"]) <= 1
    assert set(second) == {"path", "error"}
    (plain,) = send(client, run.id, ("a.png", good.read_bytes())).json()["predictions"]
    assert "explanation" not in plain and plain["logits"] != first["logits"]
    assert "true or false" in sentence(send(client, run.id, ("a", b"x"), explain="perhaps"), 422)
    many = [("a.png", b"x")] * 9
    assert "at most 8 at once are explained" in sentence(send(client, run.id, *many, explain="1"), 413)


def test_unknown_is_said_as_soon_as_the_run_can_tell(client: TestClient, tiny_folder: Path) -> None:
    run = make_run(tiny_folder)
    file = ("a.png", (tiny_folder / "red" / "00.png").read_bytes())
    assert send(client, run.id, file).json()["predictions"][0]["unknown"] is None
    unknown.ensure(run)
    assert send(client, run.id, file).json()["predictions"][0]["unknown"] in (True, False)


def test_the_description_is_of_the_real_routes(client: TestClient, tiny_folder: Path) -> None:
    run = make_run(tiny_folder)
    document = client.get("/api/openapi.json", headers={"Authorization": ""}).json()
    assert document == client_document()
    described = {path: {method.upper() for method in methods} for path, methods in document["paths"].items()}
    assert described == {
        route.path: set(route.endpoint.handlers) for route in api.routes() if route.endpoint.handlers
    }
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    fits(client.get("/api/health"), "/api/health")
    fits(client.get("/api/runs"), "/api/runs")
    file = ("a.png", (tiny_folder / "red" / "00.png").read_bytes())
    fits(send(client, run.id, file, ("b", b"x")), "/api/predict", "post")
    for response in (send(client, "nothing", file), send(client, ""), send(client, run.id, ("a", b""))):
        fits(response, "/api/predict", "post")
    with pytest.raises(jsonschema.ValidationError):
        wrong = {"run": "x", "predictions": [{"path": "x", "label": "y"}]}
        schema = {"$ref": "#/components/schemas/Predictions", "components": document["components"]}
        jsonschema.validate(wrong, schema)


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/api/predict/more"])
def test_other_addresses_are_404_in_json(client: TestClient, path: str) -> None:
    if path != "/api":
        assert "openapi.json" in sentence(client.get(path), 404)
        assert "openapi.json" in sentence(client.post(path), 404)
    else:
        assert client.get(path).status_code == 404


def test_other_methods_are_405_in_json(client: TestClient) -> None:
    for method, path in (("GET", "/api/predict"), ("DELETE", "/api/runs"), ("BREW", "/api/health")):
        response = client.request(method, path)
        assert f"does not take {method}" in sentence(response, 405)
        assert response.headers["allow"] in ("GET", "POST")
    assert client.head("/api/health").status_code == 200


def test_a_damaged_model_is_a_sentence(client: TestClient, tiny_folder: Path) -> None:
    run = make_run(tiny_folder)
    path = run.folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:5000])
    assert "is damaged" in sentence(send(client, run.id, ("a.png", b"x")), 422)


def test_all_requests_together_hold_only_so_much(
    client: TestClient, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, let_go, begun = make_run(tiny_folder), threading.Event(), threading.Event()
    small = service.Service(service.Limits(in_flight=3000))
    monkeypatch.setattr(api, "_service", lambda: small)

    def wait(*_: object, **__: object) -> list:
        begun.set()
        let_go.wait(10)
        return []

    with monkeypatch.context() as slow:
        slow.setattr(small, "predict", wait)
        first = threading.Thread(target=send, args=(client, run.id, ("a.png", b"x" * 2500)))
        first.start()
        assert begun.wait(10)
        assert "at once" in sentence(send(client, run.id, ("a.png", b"x" * 2500)), 503)
        let_go.set()
        first.join(10)
    assert send(client, run.id, ("a.png", b"x" * 2500)).status_code == 200
    small.close()


def test_a_request_that_never_arrives_is_given_up(monkeypatch: pytest.MonkeyPatch, workspace: Path) -> None:
    monkeypatch.setenv("FIELDGUIDE_TOKEN", TOKEN)
    monkeypatch.setattr(api_request, "SECONDS_TO_SEND", 0.05)
    sent = []

    async def receive():  # the headers come, the body does not
        await asyncio.sleep(20)

    async def keep(message):
        sent.append(message)

    headers = [(b"authorization", AUTHORISED["Authorization"].encode())]
    headers += [(b"content-type", b"multipart/form-data; boundary=b"), (b"content-length", b"100")]
    scope = {"type": "http", "method": "POST", "path": "/api/predict", "query_string": b"run=x"}
    asyncio.run(Starlette(routes=api.routes())(scope | {"headers": headers}, receive, keep))
    assert sent[0]["status"] == 408
    assert b"did not arrive" in sent[1]["body"]
