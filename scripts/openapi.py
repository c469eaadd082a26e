#!/usr/bin/env python3
"""Write the API's OpenAPI document to ``docs/openapi.json``; ``--check`` tells whether it is what the code says."""

import json
import sys
from pathlib import Path

from webshell.app import api_document

DOCUMENT = Path(__file__).parents[1] / "docs" / "openapi.json"


def main(arguments):
    text = json.dumps(api_document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if "--check" in arguments:
        sys.exit(DOCUMENT.read_text(encoding="utf-8") != text and f"{DOCUMENT} is out of date: run scripts/openapi.py")
    DOCUMENT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
