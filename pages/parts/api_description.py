"""The HTTP interface, as an OpenAPI 3.1 document: what the routes of `api` take and give."""

from __future__ import annotations

from typing import Any

SENTENCES = {
    "401": "The token is missing or wrong.",
    "404": "There is no such run, or the interface is off.",
    "408": "The request did not arrive in time.",
    "413": "The request, a file, or the number of files is too large.",
    "415": "The body is no multipart form.",
    "422": "The form is damaged or empty, no run is named, or the run cannot answer.",
    "503": "Too much is being answered at once; try again in a moment.",
    "504": "There was no answer in time.",
}


def document(*, most_bytes: int) -> dict[str, Any]:
    """The description; `most_bytes` is the most that one request may have."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fieldguide",
            "version": "1",
            "description": "Answers of the runs here. The JSON is that of `python -m core predict`.",
        },
        "security": [{"token": []}],
        "paths": {
            "/api/health": {
                "get": {
                    "summary": "That the server answers",
                    "security": [],
                    "responses": {"200": _json("The server answers.", _ref("Health"))},
                }
            },
            "/api/openapi.json": {
                "get": {
                    "summary": "This document",
                    "security": [],
                    "responses": {"200": _json("An OpenAPI document.", {"type": "object"})},
                }
            },
            "/api/runs": {
                "get": {
                    "summary": "The runs that can answer, newest first",
                    "responses": {"200": _json("The runs.", _ref("Runs")), **_refusals("401", "404")},
                }
            },
            "/api/predict": {"post": _predict(most_bytes)},
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _predict(most_bytes: int) -> dict[str, Any]:
    files = {"type": "array", "items": {"type": "string", "contentMediaType": "image/*"}, "minItems": 1}
    form = {"type": "object", "properties": {"files": files}, "required": ["files"]}
    megabytes = most_bytes // 1_000_000
    return {
        "summary": "Answers for images, in order",
        "description": f"At most {megabytes} MB in all. An unreadable file gets an error in its place.",
        "parameters": [
            _parameter("run", "The run that answers", {"type": "string"}, required=True),
            _parameter("mirror", "Look at each image and its mirror image", {"type": "boolean"}),
            _parameter("explain", "Add where the model looked, as a grid of numbers", {"type": "boolean"}),
        ],
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
        "responses": {"200": _json("The answers.", _ref("Predictions")), **_refusals(*SENTENCES)},
    }


def _schemas() -> dict[str, Any]:
    text, number = {"type": "string"}, {"type": "number"}
    share = {"type": "number", "minimum": 0, "maximum": 1}
    heat = {"type": "array", "items": {"type": "array", "items": share}}
    answer = {
        "path": text,
        "label": text,
        "probability": share,
        "probabilities": {"type": "object", "additionalProperties": share},
        "logits": {"type": "array", "items": number},
        "unknown": {"type": ["boolean", "null"], "description": "Whether it is unlike all training images"},
    }
    run = {
        "run": text,
        "classes": {"type": "array", "items": text},
        "created": {"type": "string", "format": "date-time"},
        "backbone": {"type": ["string", "null"]},
        "name": {"type": ["string", "null"]},
    }
    one = {"oneOf": [_ref("Answer"), _ref("Unanswered")]}
    return {
        "Health": _object({"status": {"const": "ok"}}),
        "Runs": _object({"runs": {"type": "array", "items": _object(run)}}),
        "Predictions": _object({"run": text, "predictions": {"type": "array", "items": one}}),
        "Answer": _object(answer, explanation=_ref("Explanation")),
        "Unanswered": _object({"path": text, "error": text}),
        "Explanation": _object(
            {"label": text, "method": {"enum": ["Grad-CAM", "occlusion"]}, "heat": heat},
        ),
        "Error": _object({"error": text}),
    }


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object that has all of `required` and may have `optional`; later versions may add to it."""
    return {"type": "object", "properties": required | optional, "required": list(required)}


def _parameter(name: str, words: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "description": words, "schema": schema}


def _refusals(*statuses: str) -> dict[str, Any]:
    return {status: _json(SENTENCES[status], _ref("Error")) for status in statuses}


def _json(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
