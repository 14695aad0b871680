"""Reviews: two versions compared, and upgrades that keep what was edited by hand.

``load`` reads a version (output folder, DOCX, profile) · ``compare_versions`` · ``upgrade`` · ``status``; the ``as_*``
modules write a comparison down. See ``docs/review.md``.
"""

from toolkit.review.sets import DocumentPair, SetComparison, compare_versions
from toolkit.review.versions import Version, load

__all__ = ["DocumentPair", "SetComparison", "Version", "compare_versions", "load"]
