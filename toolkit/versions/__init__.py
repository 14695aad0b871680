"""Reviews: two versions compared, and upgrades that keep hand edits.

``load`` reads a version (output folder, DOCX, profile) · ``compare_versions`` · ``upgrade`` · ``status``; the ``as_*``
modules write a comparison down. See ``docs/review.md``.
"""

from toolkit.versions.loading import Version, load
from toolkit.versions.sets import DocumentPair, SetComparison, compare_versions

__all__ = ["DocumentPair", "SetComparison", "Version", "compare_versions", "load"]
