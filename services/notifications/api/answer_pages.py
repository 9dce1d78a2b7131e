"""The answer page's pages: Swedish, WCAG 2.1 AA, for any phone, without JavaScript and without cookies."""

from pathlib import Path

from fastapi.responses import HTMLResponse

from chassis.pages import Pages
from services.notifications import swedish
from services.notifications.sender import Sender

_pages = Pages(Path(__file__).parents[1] / "pages")


def page(sender: Sender, template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Return a page with the sender's name and how to reach them."""
    return _pages.render(
        template, status, sender=sender, phone=swedish.phone(sender.phone), tel=sender.phone, **values
    )


def code_page(sender: Sender, status: int = 200, error: str = "") -> HTMLResponse:
    """Return the page where a code is typed."""
    return page(sender, "code.html", status, error=error)


def unknown_page(sender: Sender) -> HTMLResponse:
    """Return the same page for every code that is not taken: never made, too old, or used up."""
    words = (
        "Vi hittar inte den koden, eller så gäller den inte längre. Titta i brevet eller sms:et och skriv den en "
        "gång till. Har du redan svarat behöver du inte göra något mer."
    )
    return code_page(sender, 404, words)


def too_many_page(sender: Sender) -> HTMLResponse:
    return code_page(sender, 429, "Det blev för många försök. Vänta en minut och försök igen.")
