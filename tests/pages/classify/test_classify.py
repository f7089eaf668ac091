"""Classify: every upload is answered or refused with its reason, by the model of the chosen run."""

import dataclasses
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core import runs
from core import workspace as workspaces
from core.inference import answered, intake, predictor, share
from core.metrics import decisions
from pages.parts import handover
from tests.pages import made
from tests.pages.classify.bringing import BROKEN, UPLOAD, bring, picture, the_table
from tests.pages.conftest import Open, words


def test_without_a_finished_run_the_page_leads_to_what_is_first(open_page: Open, tiny_folder: Path) -> None:
    assert "Bring images" in [button.label for button in open_page("classify").button]
    made.dataset_and_split(tiny_folder)
    assert "Go to Finetune" in [button.label for button in open_page("classify").button]


def test_one_image_gets_the_models_answer_and_the_way_to_it(open_page: Open, run: runs.Run) -> None:
    at = bring(open_page("classify", run=run.id), picture(1))
    assert not at.exception
    expected = predictor.load(run.id).predict([picture(1)[1]])[0]
    assert expected.label is not None and expected.probability is not None
    assert f"## {expected.label} :gray[{100 * expected.probability:.1f} %]" in words(at)
    at.button_group(key="classify-view").set_value("steps").run()
    table = the_table(at).set_index("class")
    np.testing.assert_allclose(table.loc[made.CLASSES, "logit"], expected.logits, atol=1e-4)
    assert table["probability"].sum() == pytest.approx(1)
    said = words(at)
    assert "`(3, 32, 32)`" in said and "**2 · 512 features.**" in said
    assert "The likeliest class is the answer." in said


def test_uploads_are_on_the_disk_and_their_bytes_are_let_go(open_page: Open, run: runs.Run) -> None:
    at = bring(open_page("classify", run=run.id), picture(1), picture(2))
    kept = list((workspaces.home() / "cache" / "uploads").rglob("*.png"))
    assert sorted(path.read_bytes() for path in kept) == sorted(picture(i)[1] for i in (1, 2))
    assert at.file_uploader(key=UPLOAD.format(1)).value == []  # a new, empty one
    bring(at, picture(3), number=1)
    assert the_table(at)["name"].tolist() == ["picture3.png", "picture1.png", "picture2.png"]  # newest first
    at.button(key="classify-clear").click().run()
    assert not at.dataframe and not list((workspaces.home() / "cache" / "uploads").rglob("*.png"))


def test_the_limits_are_stated_and_a_full_tray_is_a_sentence(
    open_page: Open, run: runs.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page("classify", run=run.id)
    assert "Up to 400 MB a file, 20,000 images and 4 GB at a time" in words(at)
    monkeypatch.setattr(intake, "MOST_IMAGES", 1)
    bring(at, picture(1), picture(2))
    assert any("picture2" in error.value and "the most at a time" in error.value for error in at.error)
    assert "**1 file**" in words(at)


def test_a_file_that_is_no_image_says_so_beside_those_that_are(open_page: Open, run: runs.Run) -> None:
    table = the_table(bring(open_page("classify", run=run.id), picture(1), BROKEN, picture(2)))
    assert table["name"].tolist() == ["picture1.png", "notes.txt", "picture2.png"]
    assert table["answer"].tolist()[1] == "no answer" and "not an image" in table["reason"].tolist()[1]
    assert {table["answer"].tolist()[0], table["answer"].tolist()[2]} <= set(made.CLASSES)


def test_a_run_whose_model_is_gone_is_a_sentence(open_page: Open) -> None:
    at = bring(open_page("classify", run=made.run("finished").id), picture(1))
    assert not at.exception
    assert any("has no model yet" in error.value for error in at.error)


def test_answers_are_kept_for_each_model_apart(open_page: Open, run: runs.Run) -> None:
    at = bring(open_page("classify", run=run.id), picture(1), picture(2))
    before = the_table(at)["probability"].tolist()
    at.toggle(key="classify-twice").set_value(True).run()
    twice = predictor.load(run.id).looking_twice().predict([picture(i)[1] for i in (1, 2)])
    shown = the_table(at)["probability"] / 100
    np.testing.assert_allclose(shown, [one.probability for one in twice], atol=1e-6)
    at.toggle(key="classify-twice").set_value(False).run()
    assert the_table(at)["probability"].tolist() == before


def test_a_class_can_be_filtered_out_of_many(open_page: Open, run: runs.Run) -> None:
    at = bring(open_page("classify", run=run.id), picture(1), BROKEN)
    at.button_group(key="classify-filter").set_value(["no answer"]).run()
    assert the_table(at)["name"].tolist() == ["notes.txt"]
    assert any("not an image" in error.value.lower() for error in at.error)


def test_the_least_sure_answers_come_first_when_asked_for(open_page: Open, run: runs.Run) -> None:
    at = bring(open_page("classify", run=run.id), picture(1), BROKEN, picture(2), picture(3))
    before = the_table(at)["probability"].dropna().tolist()
    at.selectbox(key="classify-order").set_value("unsure").run()
    after = the_table(at)
    assert after["probability"].tolist()[:3] == sorted(before)
    assert after["answer"].tolist()[3] == "no answer"


def test_many_answers_come_a_page_at_a_time(open_page: Open, run: runs.Run) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(120):
            archive.writestr(f"{number:03d}.png", picture(0)[1])
    at = bring(open_page("classify", run=run.id), ("many.zip", stream.getvalue(), "application/zip"))
    assert the_table(at)["name"].tolist() == [f"{number:03d}.png" for number in range(50)]
    at.session_state["classify-page"] = 3
    assert the_table(at.run())["name"].tolist() == [f"{number:03d}.png" for number in range(100, 120)]


def test_every_member_of_a_zip_is_answered_or_refused_with_its_reason(open_page: Open, run: runs.Run) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("pets/one.png", picture(1)[1])
        archive.writestr("pets/two.png", b"broken")
        archive.writestr("../../escape.png", picture(2)[1])
        archive.writestr("pets/notes.txt", b"notes")
        archive.writestr("inner.zip", b"PK")
    at = bring(open_page("classify", run=run.id), ("pets.zip", stream.getvalue(), "application/zip"))
    table = the_table(at).set_index("name")
    assert sorted(table.index) == [
        "../../escape.png",
        "inner.zip",
        "pets/notes.txt",
        "pets/one.png",
        "pets/two.png",
    ]
    assert table.loc["pets/one.png", "answer"] in made.CLASSES
    refused = table.drop("pets/one.png")
    assert (refused["answer"] == "no answer").all() and refused["reason"].all()
    assert "outside" in table.loc["../../escape.png", "reason"]
    assert "unpack it first" in table.loc["inner.zip", "reason"]


def test_a_damaged_zip_is_a_sentence_beside_the_answers(open_page: Open, run: runs.Run) -> None:
    bad = ("pets.zip", b"PK no zip", "application/zip")
    at = bring(open_page("classify", run=run.id), bad, picture(1), picture(2))
    assert the_table(at)["name"].tolist() == ["picture1.png", "picture2.png"]
    assert any("pets" in error.value and "zip" in error.value for error in at.error)


def test_the_share_of_unknowns_belongs_to_the_run_and_needs_no_second_look(
    open_page: Open, knowing: runs.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = bring(open_page("classify", run=knowing.id), picture(1), picture(2))
    folder = next((workspaces.home() / "cache" / "uploads").rglob("answers-*"))
    far = next(answered.read(folder))["distance"]
    known = predictor.load(knowing.id).known
    assert known is not None and not far.isna().any()
    monkeypatch.setattr(predictor.Predictor, "stream", None)  # nothing may be put to the model again
    for percent in (20, 1):
        at.slider(key="classify-share").set_value(percent).run()
        assert share.load(knowing) == percent / 100
        said = (far > known.turning_away(percent / 100).cutoff).tolist()
        assert (the_table(at)["answer"] == "unknown").tolist() == said
    again = open_page("classify", run=knowing.id)
    assert again.slider(key="classify-share").value == 1


@pytest.mark.parametrize(
    "kind, said",
    [("imagenet", "most of what it does not know"), ("starter", "misses more"), ("none", "poor")],
)
def test_how_far_the_unknown_can_be_relied_on_follows_from_the_weights(
    open_page: Open, run: runs.Run, kind: str, said: str
) -> None:
    card = workspaces.read_json(run.folder / "model.json")
    workspaces.write_json(run.folder / "model.json", card | {"weights": {"kind": kind}})
    assert said in words(open_page("classify", run=run.id))


def test_a_rule_that_decides_otherwise_says_so(open_page: Open, run: runs.Run) -> None:
    answer = predictor.load(run.id).predict([picture(1)[1]])[0]
    least = min(answer.probabilities, key=lambda label: answer.probabilities[label])
    plain = decisions.Decision(classes=tuple(made.CLASSES))
    decisions.save(run, dataclasses.replace(plain, kind="threshold", label=least, threshold=0.0))
    at = bring(open_page("classify", run=run.id), picture(1))
    assert f"## {least}" in words(at) and "this run's rule decides otherwise" in words(at)
    at.button_group(key="classify-view").set_value("steps").run()
    assert f"**4 · The answer: {least}.** The likeliest class is **{answer.label}**" in words(at)
    decisions.save(run, dataclasses.replace(plain, unknown_below=1.0))
    at.run()
    assert "I don't know" in words(at) and "asks for at least 100.0 %" in words(at)


def test_the_command_line_and_http_forms_name_the_run(open_page: Open, run: runs.Run) -> None:
    at = open_page("classify", run=run.id)
    at.segmented_control(key="classify-take-way").set_value("command").run()
    assert f"predict {run.id} FOLDER" in at.code[0].value
    at.segmented_control(key="classify-take-way").set_value("http").run()
    assert f"/api/predict?run={run.id}" in at.code[0].value


def test_a_file_is_handed_over_only_with_its_signature(workspace: Path) -> None:
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    client = TestClient(Starlette(routes=handover.routes()))
    file = workspace / "cache" / "a b" / "sorted.zip"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"zip")
    address = handover.url(file, "sorted.zip")
    answer = client.get(address)
    assert answer.content == b"zip" and "sorted.zip" in answer.headers["content-disposition"]
    assert client.get(address.replace("sorted.zip&", "other.zip&")).status_code == 404
    assert client.get("/handover/x?file=../../etc/passwd&k=guess").status_code == 404
    file.unlink()
    assert "gone" in client.get(address).text


def test_after_starting_over_as_many_other_images_get_their_own_answers(
    open_page: Open, run: runs.Run
) -> None:
    at = bring(open_page("classify", run=run.id), picture(1), picture(2))
    assert sorted(the_table(at)["name"]) == ["picture1.png", "picture2.png"]
    at.button(key="classify-clear").click().run()
    number = next(n for n in range(1, 9) if any(up.key == UPLOAD.format(n) for up in at.file_uploader))
    bring(at, picture(3), picture(4), number=number)
    assert sorted(the_table(at)["name"]) == ["picture3.png", "picture4.png"]


def test_a_signature_of_any_letters_is_refused(workspace: Path) -> None:
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    client = TestClient(Starlette(routes=handover.routes()))
    assert client.get("/handover/x?file=a&k=%C3%A9").status_code == 404
