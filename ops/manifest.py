"""Settings for operations that are registered in advance."""

from pathlib import Path
from typing import TYPE_CHECKING

from ops.errors import SettingsError

if TYPE_CHECKING:
    from api.edge.manifests import Manifest, PersistedOperations

DOCUMENTS = "MILEPOST_DOCUMENTS"
ONLY = "MILEPOST_DOCUMENTS_ONLY"
BYTES_MAX = 10_000_000


def persisted(paths: str | None, *, only: bool) -> "PersistedOperations":
    """The operations of the manifests at these paths, which have commas between them, and whether
    members may send no others.

    Raises: SettingsError
    """
    names = [name.strip() for name in (paths or "").split(",") if name.strip()]
    if only and not names:
        raise SettingsError(ONLY, f"set {DOCUMENTS}, the manifest, as well")
    # imported here, because commands that do not serve need no GraphQL
    from api.edge import manifests  # noqa: PLC0415

    found = [_read(Path(name)) for name in names]
    try:
        return manifests.PersistedOperations(manifests.bodies(*found), only)
    except manifests.ManifestFault as error:
        raise SettingsError(DOCUMENTS, str(error)) from None


def check(paths: str | None, *, only: bool) -> None:
    """As `persisted`, where there is anything to read.

    Raises: SettingsError
    """
    if paths or only:
        persisted(paths, only=only)


def _read(path: Path) -> "Manifest":
    from api.edge import manifests  # noqa: PLC0415

    try:
        if path.stat().st_size > BYTES_MAX:
            raise SettingsError(DOCUMENTS, f"{path} has more than {BYTES_MAX} bytes")
        return manifests.read(path.read_bytes())
    except OSError as error:
        raise SettingsError(DOCUMENTS, f"{path}: {str(error.strerror).lower()}") from None
    except manifests.ManifestFault as error:
        raise SettingsError(DOCUMENTS, f"{path} is not an Apollo manifest: {error}") from None
