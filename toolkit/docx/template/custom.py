"""The custom XML part in which a generated document carries its ids and hashes."""

from __future__ import annotations

#: Identifies our part in a template among others.
ITEM_ID = "{6F4B1B5C-0E7A-4C0B-9B7B-5D2A7C1E9704}"
EMPTY_ITEM = '<document xmlns="urn:toolkit:document"/>'
ITEM_PROPERTIES = (
    '<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"'
    f' ds:itemID="{ITEM_ID}"/>'
)
