"""One tree of errors that a person can act on.

FieldguideError
├── WorkspaceError      the workspace folder cannot be read or written; a name is not allowed
│   └── NotFoundError   no such dataset, split or run
├── DatasetError        the images as a whole cannot be taken
│   ├── ImageError      one file cannot be taken as an image
│   │   └── FileError   it cannot be read now, and perhaps can be later
│   └── ArchiveError    an archive is broken, unsafe or too large
├── SplitError          these images cannot be divided as asked
├── ConfigError         a setting is out of range
├── WeightsError        pretrained weights are missing, damaged or do not fit
├── TrainingError       a run cannot start, go on or be resumed
├── MetricsError        figures cannot be computed from what was given
├── InferenceError      a trained model cannot answer
└── ExportError         a model cannot be handed over

`str(error)` is one or two sentences for the person on the page: what was found, what is accepted,
what to do. Anything else that is raised is a bug, and is shown as one.
"""


class FieldguideError(Exception):
    """Base of every error that Fieldguide explains to a person."""


class WorkspaceError(FieldguideError):
    """The workspace folder cannot be read or written, or a name is not allowed."""


class NotFoundError(WorkspaceError):
    """No dataset, split or run has that name."""


class DatasetError(FieldguideError):
    """The images as a whole cannot be taken."""


class ImageError(DatasetError):
    """One file cannot be taken as an image."""


class FileError(ImageError):
    """One file cannot be read now, which says nothing of its contents."""


class ArchiveError(DatasetError):
    """An archive is broken, unsafe or too large."""


class SplitError(FieldguideError):
    """These images cannot be divided as asked."""


class ConfigError(FieldguideError):
    """A setting is out of range."""


class WeightsError(FieldguideError):
    """Pretrained weights are missing, damaged or do not fit."""


class TrainingError(FieldguideError):
    """A run cannot start, go on or be resumed."""


class MetricsError(FieldguideError):
    """Figures cannot be computed from what was given."""


class InferenceError(FieldguideError):
    """A trained model cannot answer."""


class ExportError(FieldguideError):
    """A model cannot be handed over."""
