"""SS 12000, the national school-data API, as a source: read page by page, mapped to the `schools` layout."""
