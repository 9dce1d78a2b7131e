"""Pages made on the server: for any browser, without JavaScript, nothing loaded from elsewhere, never stored."""

import base64
import hashlib
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined


class Pages:
    """Renders the templates of a folder, whose ``style.css`` stands in each page as ``style``."""

    def __init__(self, folder: Path) -> None:
        self._style = (folder / "style.css").read_text(encoding="utf-8")
        self._templates = Environment(
            loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=True, trim_blocks=True
        )
        style_hash = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        # Besides what every answer has (chassis/edge.py).
        self._headers = {
            "Content-Security-Policy": (
                f"default-src 'none'; style-src 'sha256-{style_hash}'; form-action 'self'; "
                "base-uri 'none'; frame-ancestors 'none'"
            ),
            "X-Robots-Tag": "noindex",
        }

    def render(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """Return a page. A value that the template names and does not get is an error."""
        html = self._templates.get_template(template).render(style=self._style, **values)
        return HTMLResponse(html, status, headers=self._headers)
