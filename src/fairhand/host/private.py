"""Root's folder that other users may pass through: it holds what they cannot reach elsewhere."""

import os
from pathlib import Path

from fairhand.host.refusal import HostError
from fairhand.host.refusal import gettext as _

CANDIDATES = (Path("/var/lib/fairhand"), Path("/var/tmp/fairhand"))  # noqa: S108 - owner checked


def _verified(folder: Path) -> Path:
    facts = folder.lstat()
    if facts.st_uid != os.geteuid() or facts.st_mode & 0o022 or folder.is_symlink():
        raise HostError(
            _("{path} was made by somebody else, or others can write to it: remove it.").format(
                path=folder
            )
        )
    return folder


def private_folder() -> Path:
    """Find or make the folder: others may enter it, and neither list nor write.

    Raises HostError if somebody else made a folder of that name.
    """
    for folder in CANDIDATES:
        try:
            folder.mkdir(mode=0o700)
            folder.chmod(0o711)
        except FileExistsError:
            pass
        except OSError:
            continue  # a read-only /var/lib
        return _verified(folder)
    raise HostError(_("Neither /var/lib nor /var/tmp can be written to."))


def existing(name: str) -> Path | None:
    """Find what was put there under `name`; None if nothing was."""
    for folder in CANDIDATES:
        if (folder / name).exists():
            return _verified(folder) / name
    return None
