"""Files brought to the Classify page, and what its table says of them."""

import io

import numpy as np
import pandas as pd
from PIL import Image
from streamlit.testing.v1 import AppTest

UPLOAD = "classify-files-{}"


def picture(seed: int) -> tuple[str, bytes, str]:
    pixels = np.random.default_rng(seed).integers(0, 255, (40, 50, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return f"picture{seed}.png", stream.getvalue(), "image/png"


BROKEN = ("notes.txt", b"no picture", "text/plain")


def bring(at: AppTest, *files: tuple[str, bytes, str], number: int = 0) -> AppTest:
    return at.file_uploader(key=UPLOAD.format(number)).set_value(list(files)).run()


def the_table(at: AppTest) -> pd.DataFrame:
    assert not at.exception
    return at.dataframe[0].value
