// Uploads a file: node upload.mjs ENDPOINT FILE CHUNK_BYTES. Prints how often it had to try again.
import { createReadStream, statSync } from "node:fs";
import { Upload } from "tus-js-client";

const [endpoint, path, chunk] = process.argv.slice(2);
let retries = 0;
const upload = new Upload(createReadStream(path), {
  endpoint,
  uploadSize: statSync(path).size,
  chunkSize: Number(chunk),
  retryDelays: Array(20).fill(50),
  metadata: { filename: "film.mov", filetype: "video/quicktime" },
  onShouldRetry: () => { retries += 1; return true; },
  onError: (error) => { console.error(String(error)); process.exit(1); },
  onSuccess: () => console.log(JSON.stringify({ url: upload.url, retries })),
});
upload.start();
