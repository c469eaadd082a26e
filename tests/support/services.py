"""The services that providers ask, on loopback: they answer as their documentation says, errors and limits included.

Each lies under its own path, ``{address}/pexels`` and so on. A service knows one key; what is laid into ``mishaps``
comes instead of the next answers.
"""

import asyncio
import io
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import av
import numpy as np
from PIL import Image
from quart import Blueprint, Quart, Response, jsonify, request

from core.egress.caching import AnswerCache
from core.egress.client import Bounds, GuardedClient
from core.egress.policy import Policy
from tests.support.answering import answering

KEY = "k3y-0f-the-tests"
FOUND = 7
"""How many things each service has for every search but ``nothing``."""


def _media(suffix: str, codec: str) -> bytes:
    """Return half a second of a film or a sound."""
    into = io.BytesIO()
    with av.open(into, "w", format=suffix) as container:
        if codec == "libx264":
            film = container.add_stream(codec, rate=10)
            film.width, film.height, film.pix_fmt = 64, 36, "yuv420p"
            for number in range(5):
                grey = np.full((36, 64, 3), 40 * number, np.uint8)
                container.mux(film.encode(av.VideoFrame.from_ndarray(grey, "rgb24")))
            container.mux(film.encode(None))
        else:
            sound = container.add_stream(codec, rate=44_100, layout="mono")
            wave = (np.sin(np.arange(22_050) / 20) * 8000).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(wave, "s16", "mono")
            frame.sample_rate = 44_100
            container.mux(sound.encode(frame))
            container.mux(sound.encode(None))
    return into.getvalue()


SOUND = _media("mp3", "libmp3lame")
FILM = _media("mp4", "libx264")


def picture() -> bytes:
    """Return a small JPEG."""
    into = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 90, 30)).save(into, "JPEG")
    return into.getvalue()


@dataclass
class Services:
    """The services, running. ``asked`` are the requests they got, as ``METHOD path?query``."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    mishaps: list[tuple[int, Mapping[str, str], bytes]] = field(default_factory=list)

    @property
    def host(self) -> str:
        """Their ``host:port``."""
        return self.address.removeprefix("http://")

    def client(self, *, keeps: bool = False) -> GuardedClient:
        """Return a guarded client that may reach them."""
        policy = Policy(
            hosts=frozenset({self.host}), allowed=(ip_network("127.0.0.0/8"),), plain=frozenset({self.host})
        )
        bounds = Bounds(first_wait_s=0.01, longest_wait_s=0.05)
        return GuardedClient(policy, bounds=bounds, kept=AnswerCache().of("tests") if keeps else None)


@contextmanager
def serving_services() -> Iterator[Services]:
    """Run all services in a thread."""
    services = Services()
    app = _app(services)
    started: Future[str] = Future()
    over = threading.Event()

    async def serve() -> None:
        async with answering(app) as address:
            started.set_result(address.replace("localhost", "127.0.0.1"))
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    services.address = started.result(timeout=30)
    try:
        yield services
    finally:
        over.set()
        thread.join()


def _app(services: Services) -> Quart:
    app = Quart("services")

    @app.before_request
    async def note() -> Response | None:
        services.asked.append(f"{request.method} {request.full_path.rstrip('?')}")
        services.bodies.append(await request.get_json(silent=True))
        if services.mishaps and not request.path.startswith("/files/"):
            status, headers, body = services.mishaps.pop(0)
            return Response(body, status, dict(headers))
        return None

    @app.get("/files/<path:name>")
    async def file(name: str) -> Response:
        body = picture() if name.endswith(".jpg") else FILM if name.endswith(".mp4") else SOUND
        return Response(body, 200)

    for add in (_pexels, _pixabay, _openverse, _freesound, _jamendo, _coverr, _elevenlabs, _openai):
        room = Blueprint(add.__name__, __name__, url_prefix=f"/{add.__name__.removeprefix('_')}")
        add(room, services)
        app.register_blueprint(room)
    return app


def _number(name: str, usual: int) -> int:
    return int(request.args.get(name, usual))


def _page_of(first: int, size: int) -> list[int]:
    """Return the numbers of the things on a page; none where nothing is looked for."""
    words = request.args.get("q") or request.args.get("query") or request.args.get("search") or ""
    return [] if words == "nothing" else list(range(first, min(first + size, FOUND)))


def _total() -> int:
    words = request.args.get("q") or request.args.get("query") or request.args.get("search") or ""
    return 0 if words == "nothing" else FOUND


def _pexels(app: Blueprint, services: Services) -> None:
    limits = {"X-Ratelimit-Limit": "20000", "X-Ratelimit-Remaining": "19684", "X-Ratelimit-Reset": "1590529646"}

    def refused() -> Response | None:
        if request.headers.get("authorization") == KEY:
            return None
        return Response('{"status":401,"code":"Unauthorized"}', 401, content_type="application/json")

    def photo(number: int) -> dict[str, Any]:
        at = f"{services.address}/files"
        return {
            "id": 100 + number,
            "width": 3066,
            "height": 3968,
            "url": f"https://www.pexels.com/photo/trees-{100 + number}/",
            "photographer": "Lukas Rodriguez",
            "photographer_url": "https://www.pexels.com/@lukas",
            "photographer_id": 1,
            "avg_color": "#374824",
            "src": {
                "original": f"{at}/{number}.jpg",
                "large2x": f"{at}/l{number}.jpg",
                "medium": f"{at}/m{number}.jpg",
            },
            "liked": False,
            "alt": "Green trees" if number else "",
        }

    def video(number: int) -> dict[str, Any]:
        sizes = ((640, 360), (1280, 720), (1920, 1080), (3840, 2160))
        return {
            "id": 200 + number,
            "width": 3840,
            "height": 2160,
            "url": f"https://www.pexels.com/video/waves-at-dawn-{200 + number}/",
            "image": f"{services.address}/files/poster.jpg",
            "duration": 22,
            "user": {"id": 9, "name": "Ada Lovelace", "url": "https://www.pexels.com/@ada"},
            "video_files": [
                {
                    "id": index,
                    "quality": "hd",
                    "file_type": "video/mp4",
                    "width": width,
                    "height": height,
                    "fps": 25.0,
                    "link": f"{services.address}/files/{number}-{height}.mp4",
                }
                for index, (width, height) in enumerate(sizes)
            ],
            "video_pictures": [],
        }

    async def search(key: str) -> Response:
        size, page = _number("per_page", 15), _number("page", 1)
        found = _page_of((page - 1) * size, size)
        body: dict[str, Any] = {"page": page, "per_page": size, "total_results": _total()}
        body[key] = [photo(each) if key == "photos" else video(each) for each in found]
        if page * size < _total():
            body["next_page"] = f"https://api.pexels.com{request.path}?page={page + 1}"
        answer = jsonify(body)
        answer.headers.update(limits)
        return answer

    @app.get("/v1/search")
    async def photos() -> Response:
        return refused() or await search("photos")

    @app.get("/videos/search")
    async def videos() -> Response:
        return refused() or await search("videos")

    @app.get("/v1/photos/<number>")
    async def one_photo(number: str) -> Response:
        return refused() or _known(number, 100, photo)

    @app.get("/videos/videos/<number>")
    async def one_video(number: str) -> Response:
        return refused() or _known(number, 200, video)


def _known(number: str, first: int, make: Any, body: str = '{"status":404,"code":"Not Found"}') -> Response:
    if number.isdecimal() and first <= int(number) < first + FOUND:
        return jsonify(make(int(number) - first))
    return Response(body, 404, content_type="application/json")


def _pixabay(app: Blueprint, services: Services) -> None:
    limits = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "87", "X-RateLimit-Reset": "42"}

    def image(number: int) -> dict[str, Any]:
        return {
            "id": 300 + number,
            "pageURL": f"https://pixabay.com/en/blossom-{300 + number}/",
            "type": "photo",
            "tags": "blossom, bloom, flower",
            "previewURL": f"{services.address}/files/p{number}.jpg",
            "webformatURL": f"{services.address}/files/w{number}.jpg",
            "largeImageURL": f"{services.address}/files/large{number}.jpg",
            "imageWidth": 4000,
            "imageHeight": 2250,
            "imageSize": 4731420,
            "user_id": 48777,
            "user": "Josch13",
        }

    def video(number: int) -> dict[str, Any]:
        sizes = {"large": (3840, 2160), "medium": (1920, 1080), "small": (1280, 720), "tiny": (960, 540)}
        return {
            "id": 400 + number,
            "pageURL": f"https://pixabay.com/videos/id-{400 + number}/",
            "type": "film",
            "tags": "flowers, yellow",
            "duration": 12,
            "videos": {
                name: {
                    "url": f"{services.address}/files/{number}-{height}.mp4",
                    "width": width,
                    "height": height,
                    "size": 1000,
                    "thumbnail": f"{services.address}/files/t.jpg",
                }
                for name, (width, height) in sizes.items()
            },
            "user": "Coverr-Free-Footage",
        }

    async def hits(make: Any, first: int) -> Response:
        if request.args.get("key") != KEY:
            return Response("[ERROR 400] Invalid or missing API key (https://pixabay.com/api/docs/).", 400)
        size, page = _number("per_page", 20), _number("page", 1)
        if not 3 <= size <= 200:
            return Response('[ERROR 400] "per_page" is out of valid range.', 400)
        if "id" in request.args:
            number = int(request.args["id"]) - first
            found = [number] if 0 <= number < FOUND else []
            return jsonify({"total": len(found), "totalHits": len(found), "hits": [make(each) for each in found]})
        found = _page_of((page - 1) * size, size)
        if not found and page > 1:
            return Response('[ERROR 400] "page" is out of valid range.', 400)
        answer = jsonify({"total": _total(), "totalHits": _total(), "hits": [make(each) for each in found]})
        answer.headers.update(limits)
        return answer

    @app.get("/api/")
    async def images() -> Response:
        return await hits(image, 300)

    @app.get("/api/videos/")
    async def videos() -> Response:
        return await hits(video, 400)


def _openverse(app: Blueprint, services: Services) -> None:
    def media(number: int, suffix: str) -> dict[str, Any]:
        licence = ("by-nc-sa", "4.0") if number else ("cc0", "1.0")
        url = (
            f"https://creativecommons.org/licenses/{licence[0]}/{licence[1]}/"
            if number
            else "https://creativecommons.org/publicdomain/zero/1.0/"
        )
        return {
            "id": f"0aff3595-8168-440b-83ff-7a80b65dea{number:02}",
            "title": f"Tree {number}" if number else None,
            "url": f"{services.address}/files/tree{number}{suffix}",
            "creator": "John Doe" if number else None,
            "creator_url": None,
            "license": licence[0],
            "license_version": licence[1],
            "license_url": url,
            "provider": "flickr",
            "source": "flickr",
            "attribution": f'"Tree {number}" by John Doe is licensed under CC {licence[0].upper()} {licence[1]}.',
            "foreign_landing_url": "https://www.flickr.com/photos/1",
            "thumbnail": f"{services.address}/files/thumb.jpg",
            "width": 1024 if suffix == ".jpg" else None,
            "height": 768 if suffix == ".jpg" else None,
            "duration": 93_500 if suffix == ".mp3" else None,
            "mature": False,
        }

    def refused() -> Response | None:
        said = request.headers.get("authorization", "")
        if said in ("", "Bearer DLBYIcfnKfolaXKcmMC8RIDCavc2hW"):
            return None
        return Response('{"detail":"Given token not valid"}', 401, content_type="application/json")

    @app.post("/v1/auth_tokens/token/")
    async def token() -> Response:
        form = await request.form
        if form.get("grant_type") != "client_credentials" or form.get("client_secret") != KEY:
            return Response('{"error":"invalid_client"}', 401, content_type="application/json")
        return jsonify(
            {
                "access_token": "DLBYIcfnKfolaXKcmMC8RIDCavc2hW",
                "scope": "read",
                "expires_in": 36000,
                "token_type": "Bearer",
            }
        )

    async def search(suffix: str) -> Response:
        size, page = _number("page_size", 20), _number("page", 1)
        if size > 20 and "authorization" not in request.headers:
            return Response('{"detail":"page_size must be between 1 & 20"}', 401, content_type="application/json")
        found = _page_of((page - 1) * size, size)
        return jsonify(
            {
                "result_count": _total(),
                "page_count": -(-_total() // size),
                "page_size": size,
                "page": page,
                "results": [media(each, suffix) for each in found],
            }
        )

    def one(own: str, suffix: str) -> Response:
        number = int(own[-2:]) if own[-2:].isdecimal() else FOUND
        if number >= FOUND:
            return Response('{"detail":"No Image matches the given query."}', 404, content_type="application/json")
        return jsonify(media(number, suffix))

    @app.get("/v1/images/")
    async def images() -> Response:
        return refused() or await search(".jpg")

    @app.get("/v1/audio/")
    async def sounds() -> Response:
        return refused() or await search(".mp3")

    @app.get("/v1/images/<own>/")
    async def one_image(own: str) -> Response:
        return refused() or one(own, ".jpg")

    @app.get("/v1/audio/<own>/")
    async def one_sound(own: str) -> Response:
        return refused() or one(own, ".mp3")


def _freesound(app: Blueprint, services: Services) -> None:
    def sound(number: int) -> dict[str, Any]:
        return {
            "id": 500 + number,
            "name": f"rain {number}.wav",
            "url": f"https://freesound.org/people/klankbeeld/sounds/{500 + number}/",
            "license": "http://creativecommons.org/licenses/by/4.0/",
            "username": "klankbeeld",
            "duration": 61.5,
            "previews": {
                "preview-hq-mp3": f"{services.address}/files/{number}-hq.mp3",
                "preview-lq-mp3": f"{services.address}/files/{number}-lq.mp3",
            },
            "images": {"waveform_m": f"{services.address}/files/wave.jpg"},
        }

    def refused() -> Response | None:
        if request.headers.get("authorization") == f"Token {KEY}":
            return None
        return Response('{"detail":"Invalid token."}', 401, content_type="application/json")

    @app.get("/apiv2/search/")
    async def search() -> Response:
        size, page = _number("page_size", 15), _number("page", 1)
        found = _page_of((page - 1) * size, size)
        if not found and page > 1:
            return Response('{"detail":"Not found"}', 404, content_type="application/json")
        following = f"https://freesound.org/apiv2/search/?page={page + 1}" if page * size < _total() else None
        results = [sound(each) for each in found]
        return refused() or jsonify({"count": _total(), "previous": None, "next": following, "results": results})

    @app.get("/apiv2/sounds/<number>/")
    async def one(number: str) -> Response:
        return refused() or _known(number, 500, sound, '{"detail":"Not found."}')


def _jamendo(app: Blueprint, services: Services) -> None:
    def track(number: int) -> dict[str, Any]:
        is_allowed = number != 3
        return {
            "id": str(600 + number),
            "name": "J'm'e FPM",
            "duration": 183,
            "artist_id": "7",
            "artist_name": "TriFace",
            "license_ccurl": "http://creativecommons.org/licenses/by-nc-nd/3.0/",
            "image": f"{services.address}/files/cover.jpg",
            "audio": f"{services.address}/files/stream.mp3",
            "audiodownload": f"{services.address}/files/{number}.mp3" if is_allowed else "",
            "shareurl": f"https://www.jamendo.com/track/{600 + number}",
            "audiodownload_allowed": is_allowed,
        }

    @app.get("/v3.0/tracks/")
    async def tracks() -> Response:
        headers: dict[str, Any] = {"status": "success", "code": 0, "error_message": "", "warnings": ""}
        if request.args.get("client_id") != KEY:
            said = "Your credential is not authorized."
            return jsonify(
                {"headers": {**headers, "status": "failed", "code": 5, "error_message": said}, "results": []}
            )
        if "id" in request.args:
            number = int(request.args["id"]) - 600 if request.args["id"].isdecimal() else FOUND
            found = [number] if 0 <= number < FOUND else []
        else:
            found = _page_of(_number("offset", 0), _number("limit", 10))
            headers["results_fullcount"] = _total()
        headers["results_count"] = len(found)
        return jsonify({"headers": headers, "results": [track(each) for each in found]})


def _coverr(app: Blueprint, services: Services) -> None:
    def video(number: int) -> dict[str, Any]:
        at = f"{services.address}/files/{number}"
        return {
            "id": f"kXaW7yTLi{number}",
            "created_at": "2020-06-23T10:30:38.526Z",
            "title": "A hill at night",
            "poster": f"{at}.jpg",
            "thumbnail": f"{at}-s.jpg",
            "is_vertical": False,
            "duration": "14.5" if number else 14,
            "aspect_ratio": "16:9",
            "max_height": 1080,
            "max_width": 1920,
            "urls": {"mp4": f"{at}.mp4", "mp4_preview": f"{at}-p.mp4", "mp4_download": f"{at}-download.mp4"},
        }

    def refused() -> Response | None:
        if request.headers.get("authorization") == f"Bearer {KEY}":
            return None
        return Response('{"message":"Unauthorized"}', 401, content_type="application/json")

    @app.get("/videos")
    async def search() -> Response:
        size, page = _number("page_size", 20), _number("page", 0)
        hits = [video(each) for each in _page_of(page * size, size)]
        body = {"page": page, "pages": -(-_total() // size), "page_size": size, "total": _total(), "hits": hits}
        return refused() or jsonify(body)

    @app.get("/videos/<own>")
    async def one(own: str) -> Response:
        number = int(own[-1]) if own.startswith("kXaW7yTLi") else FOUND
        if number >= FOUND:
            return refused() or Response('{"message":"Not Found"}', 404, content_type="application/json")
        return refused() or jsonify(video(number))


def _elevenlabs(app: Blueprint, services: Services) -> None:
    def refused() -> Response | None:
        if request.headers.get("xi-api-key") == KEY:
            return None
        body = '{"detail":{"status":"invalid_api_key","message":"Invalid API key"}}'
        return Response(body, 401, content_type="application/json")

    @app.get("/v1/voices")
    async def voices() -> Response:
        listed = [
            {"voice_id": "JBFqnCBsd6RMkjVDRZzb", "name": "George", "labels": {"accent": "British", "gender": "male"}},
            {"voice_id": "21m00Tcm4TlvDq8ikWAM", "name": "Rachel", "labels": {"accent": "American"}},
        ]
        return refused() or jsonify({"voices": listed})

    @app.post("/v1/text-to-speech/<voice>/with-timestamps")
    async def speak(voice: str) -> Response:
        text = (await request.get_json())["text"]
        if len(voice) != 20:
            body = '{"detail":{"status":"voice_not_found","message":"A voice was not found"}}'
            return refused() or Response(body, 404, content_type="application/json")
        alignment = {
            "characters": list(text),
            "character_start_times_seconds": [round(index * 0.1, 3) for index in range(len(text))],
            "character_end_times_seconds": [round(index * 0.1 + 0.1, 3) for index in range(len(text))],
        }
        body = {"audio_base64": b64encode(SOUND).decode(), "alignment": alignment, "normalized_alignment": alignment}
        return refused() or jsonify(body)


def _openai(app: Blueprint, services: Services) -> None:
    def refused() -> Response | None:
        given = request.headers.get("authorization", "")
        if given == f"Bearer {KEY}":
            return None
        said = f"Incorrect API key provided: {given.removeprefix('Bearer ')}."
        return _json({"error": {"message": said, "type": "invalid_request_error", "code": "invalid_api_key"}}, 401)

    @app.get("/v1/models")
    async def models() -> Response:
        return refused() or jsonify({"object": "list", "data": [{"id": "gpt-4o-mini", "object": "model"}]})

    @app.post("/v1/chat/completions")
    async def chat() -> Response:
        body = await request.get_json()
        said = body["messages"][-1]["content"]
        content = '{"answer": 42}' if body.get("response_format") else f"You said: {said}"
        choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
        return refused() or jsonify({"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice]})

    @app.post("/v1/audio/speech")
    async def speech() -> Response:
        return refused() or Response(SOUND, 200, content_type="audio/mpeg")

    @app.post("/v1/images/generations")
    async def images() -> Response:
        body = await request.get_json()
        if body["model"] == "dall-e-3":
            return refused() or jsonify({"created": 1, "data": [{"url": f"{services.address}/files/drawn.jpg"}]})
        return refused() or jsonify({"created": 1, "data": [{"b64_json": b64encode(picture()).decode()}]})


def _json(body: Any, status: int) -> Response:
    answer = jsonify(body)
    answer.status_code = status
    return answer
