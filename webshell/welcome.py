"""The page at the house's door, while there is no web interface: it says what is here."""

from quart import Blueprint, Response

welcome = Blueprint("welcome", __name__)

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Reelhouse</title>
<style>
  body { font: 17px/1.6 system-ui, sans-serif; max-width: 38em; margin: 12vh auto; padding: 0 1.2em;
         color: #1c2430; background: #fbfaf8 }
  h1 { font-size: 2em; letter-spacing: -.02em; margin: 0 0 .4em }
  a { color: #b4541a }
  p[lang=fr] { color: #5a6472 }
  @media (prefers-color-scheme: dark) {
    body { color: #e8e6e1; background: #14181f } a { color: #ff9a5a } p[lang=fr] { color: #9aa4b2 } }
</style>
<h1>Reelhouse</h1>
<p>This house is open. Its interface is the <a href="/api/v1/openapi.json">API</a>; pages to click through are on
their way.</p>
<p lang="fr">Cette maison est ouverte. Son interface est l’<a href="/api/v1/openapi.json">API</a> ; des pages où
cliquer sont en route.</p>
</html>
"""


@welcome.get("/")
async def show_welcome() -> Response:
    """Show the page."""
    return Response(_PAGE, content_type="text/html; charset=utf-8")
