"""Uploads a file: python upload.py ENDPOINT FILE CHUNK_BYTES. Prints where it is."""

import json
import sys

from tusclient import client

endpoint, path, chunk = sys.argv[1:]
uploader = client.TusClient(endpoint).uploader(
    path, chunk_size=int(chunk), retries=20, retry_delay=0.05, upload_checksum=True, metadata={"filename": "film.mov"}
)
uploader.upload()
json.dump({"url": uploader.url}, sys.stdout)
