"""The report: one file, nothing from outside, nothing of this machine, every claim from the figures."""

import html.parser
import re

import numpy as np
import pytest
from PIL import Image

from core import workspace as files
from core.errors import MetricsError
from core.metrics import decisions, openings, ruled, store
from core.metrics.report import document, facts, pictures, svg
from core.training import notes
from core.words import moment
from tests.core.metrics import cases


@pytest.fixture
def run(workspace):
    return cases.stored_run(seed=0)


class _Checker(html.parser.HTMLParser):
    """Collects addresses, and checks that tags close in order."""

    VOID = frozenset({"meta", "img", "br", "line", "rect", "circle", "polyline", "text/"})

    def __init__(self):
        super().__init__()
        self.open, self.addresses = [], []

    def handle_starttag(self, tag, attrs):
        self.addresses += [value for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.addresses += [value for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def check(text):
    checker = _Checker()
    checker.feed(text)
    assert checker.open == []
    return checker


def test_the_report_is_one_whole_file_that_asks_for_nothing_outside(run):
    text = document.render(run)
    checker = check(text)
    assert all(address.startswith("data:") for address in checker.addresses)
    assert (
        "<script" not in text
        and "http:" not in text.replace("http://www.w3.org", "")
        and "https:" not in text
    )


def test_the_report_says_what_the_figures_say(run):
    text, figures = document.render(run), store.figures(run)
    assert f"{100 * figures['accuracy']:.1f} %" in text
    assert "never been opened" in text and openings.count(run) == 0
    assert len(re.findall("<h2>", text)) >= 7


def test_asking_for_the_test_opens_it_and_says_how_often(run):
    text = document.render(run, with_test=True, via="command line")
    assert openings.count(run) == 1 and "has been opened once." in text
    assert "Openings of the test result" in text and text.count("command line") == 1
    assert openings.history(run)[0]["via"] == "command line"


def test_labels_are_written_as_text_never_as_html(workspace):
    run = cases.stored_run(seed=0)
    config = run.config()
    files.write_json(
        run.folder / "config.json", config | {"classes": ["<b>", "a & b", '"c"'], "name": "<script>x"}
    )
    text = document.render(run)
    check(text)
    assert "<script" not in text and "&lt;b&gt;" in text


def test_no_folder_of_this_machine_and_no_camera_data_is_in_the_report(run, tmp_path):
    picture = tmp_path / "secret folder" / "a.jpg"
    picture.parent.mkdir()
    exif = Image.Exif()
    exif[0x010E] = "GPS-51.5-N"
    exif.get_ifd(0x8825)[2] = (51.0, 30.0, 0.0)
    Image.fromarray(np.zeros((50, 60, 3), np.uint8)).save(picture, exif=exif)
    manifest = run.manifest().assign(file=str(picture))
    files.write_table(run.folder / "manifest.parquet", manifest)
    config = run.config() | {"weights": str(tmp_path / "my weights" / "x.pth")}
    files.write_json(run.folder / "config.json", config)
    text = document.render(run)
    assert "data:image/jpeg" in text
    assert str(tmp_path) not in text and "secret folder" not in text and "my weights" not in text
    assert "x.pth" in text
    assert b"GPS-51.5-N" in picture.read_bytes()


def test_pictures_lose_their_exif_and_missing_ones_are_left_out(tmp_path):
    import base64
    import io

    path = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif[0x010E] = "who took it"
    Image.fromarray(np.zeros((500, 300, 3), np.uint8)).save(path, exif=exif)
    data = base64.b64decode(pictures.data_url(path).split(",")[1])
    again = Image.open(io.BytesIO(data))
    assert not again.getexif() and max(again.size) <= 2 * pictures.SIDE
    assert pictures.data_url(tmp_path / "gone.jpg") is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("/home/a user/w/x.pth", "x.pth"),
        ("weights from /srv/w/x.pth", "weights from x.pth"),
        ("C:\\Users\\me\\x.pth", "x.pth"),
        ("https://example.org/a/b", "https://example.org/a/b"),
        ("and/or", "and/or"),
        ({"file": "/srv/w/x.pth", "kind": "file"}, "file: x.pth, kind: file"),
        (0.5, "0.5"),
    ],
)
def test_settings_lose_their_folders(value, shown):
    assert facts.plain(value) == shown


def test_the_rule_and_its_costs_are_on_the_first_page(run):
    decisions.save(
        run, decisions.Decision(classes=("a", "b", "c"), kind="threshold", label="b", threshold=0.25)
    )
    first_page = document.render(run).split("</section>")[0]
    assert "&#x27;b&#x27; from a probability of 0.25 on" in first_page
    assert "Of 1,000 images" in first_page


def test_the_report_stands_under_the_rule_and_names_the_other_reading(run):
    plain = store.figures(run)
    decisions.save(run, decisions.Decision(classes=("a", "b", "c"), unknown_below=0.7))
    text, figures = document.render(run), store.figures(run)
    shown = ruled.under(figures)
    assert f"<b>{100 * shown['accuracy']:.1f} %</b>" in text
    assert f"as the most probable class, accuracy is {100 * plain['accuracy']:.1f} %" in text
    assert ">unknown</text>" in text


def test_each_score_of_a_class_has_its_interval_below_it(run):
    one = store.figures(run)["per_class"]["a"]
    text = document.render(run)
    for name in ("precision", "recall", "f1", "average_precision", "roc_auc"):
        low, high = one["intervals"][name]
        assert f"{100 * one[name]:.1f} %<small>{100 * low:.0f}–{100 * high:.0f} %</small>" in text


def test_a_report_that_cannot_be_made_opens_nothing(run):
    with pytest.raises(MetricsError, match="no metric 'beauty'"):
        document.render(run, metric="beauty", with_test=True)
    assert openings.count(run) == 0


@pytest.mark.parametrize("n_classes", [2, 30, 60])
def test_a_heatmap_draws_every_cell(n_classes):
    counts = np.eye(n_classes, dtype=int) * 5
    drawn = svg.heatmap(counts / 5, counts, [f"c{k}" for k in range(n_classes)], alt="matrix")
    assert drawn.count('class="cell hot"') == n_classes**2


def test_a_point_lies_where_the_axes_say():
    axes = svg.Axes(x=(0, 10), y=(0, 1), width=300, height=200)
    assert axes.at(0, 0) == (svg.LEFT, 200 - svg.BOTTOM)
    assert axes.at(10, 1) == (300 - svg.RIGHT, svg.TOP)


def test_costs_stand_in_the_report_once_somebody_has_said_them(run):
    assert "Costs per 1,000" not in document.render(run)
    decisions.save(run, decisions.Decision(classes=("a", "b", "c"), unknown_below=0.7, unknown_cost=0.2))
    assert "Costs per 1,000 images" in document.render(run)


def test_the_report_names_settings_dates_and_axes_in_words(run):
    text = document.render(run)
    assert "<title>" in text and ", and how sure is that?</title>" in text
    assert "backbone_learning_rate" not in text and "image_size" not in text
    assert f"<h1>{notes.title(run)}</h1>" in text and moment(run.created) in text
    assert ">what the model says</text>" in text and ">what it is</text>" in text


def test_epochs_have_whole_ticks():
    axes = svg.Axes(x=(1.0, 3.0), whole=True, percent=False).frame()
    assert ">1.5<" not in axes and all(f">{epoch}<" in axes for epoch in (1, 2, 3))
    many = svg.Axes(x=(1.0, 40.0), whole=True, percent=False).frame()
    assert many.count('text-anchor="middle">') <= 9


def test_a_report_for_whom_the_test_is_open_already_is_no_second_opening(run):
    openings.record(run, via="page")
    text = document.render(run, with_test=True, known=True)
    assert openings.count(run) == 1 and "has been opened once." in text
    document.render(run, with_test=True)
    assert openings.count(run) == 2
