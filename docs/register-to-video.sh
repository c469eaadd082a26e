#!/bin/sh
# From registration to a finished video, with curl alone.
#
#     reelhouse serve &
#     sh docs/register-to-video.sh [HOST] [MAIL FOLDER]
#
# Letters are read from the folder that the host writes them to while no mail server is set.
set -eu
HOST=${1:-http://localhost:8000}
MAIL=${2:-${REELHOUSE_HOME:-.reelhouse}/mail}
API=$HOST/api/v1
EMAIL=ada-$$@example.com
PASSWORD='four words will do'
HERE=$(mktemp -d)
trap 'rm -rf "$HERE"' EXIT

# The value of the first field of that name in JSON.
field() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
say() { printf '%s\n' "$*"; }
json() { # METHOD PATH [BODY]
    curl --silent --show-error --fail-with-body --request "$1" "$API$2" --header "Authorization: Bearer ${TOKEN:-}" \
        --header 'Content-Type: application/json' ${3:+--data "$3"}
}

say "Registering $EMAIL"
json POST /auth/register "{\"email\":\"$EMAIL\",\"password\":\"$PASSWORD\",\"name\":\"Ada\",\"workspace\":\"Films\"}"

say "Confirming the address, with the link that was mailed"
LETTER=$(grep --recursive --files-with-matches "^To: $EMAIL" "$MAIL" | tail -n 1)
LINK=$(tr -d '\r' <"$LETTER" | sed -e ':again' -e '/=$/{N;s/=\n//;b again' -e '}' | grep -o '^http[^ ]*#.*' | head -n 1)
json POST /auth/confirm "{\"token\":\"${LINK#*#}\"}" >/dev/null

say "Signing in"
TOKEN=$(json POST /auth/login "{\"email\":\"$EMAIL\",\"password\":\"$PASSWORD\",\"tokens\":true}" | field access_token)

say "Keeping an API key in the vault"
json POST /keys '{"provider":"reelhouse.pexels","label":"stock","secret":"not-a-real-key-1234"}' | field fingerprint

say "Searching for music"
SONG=$(json GET '/providers/generator/search?q=music&kind=audio&limit=1' | field src)
say "  found $SONG"

say "Uploading a picture (tus): the poster of a first, tiny render"
FIRST='{"version":1,"output":{"width":320,"height":180,"fps":10},"tracks":[{"clips":[{"start":0,"duration":1,"asset":{"type":"color","color":"#d2691e"}}]}]}'
wait_for() { # PATH
    while :; do
        STATE=$(json GET "$1" | field state)
        case $STATE in
        done) return ;;
        failed | cancelled)
            json GET "$1" >&2
            exit 1
            ;;
        esac
        sleep 0.2
    done
}
RENDER=$(json POST /renders "{\"timeline\":$FIRST,\"title\":\"A picture\"}")
wait_for "/renders/$(say "$RENDER" | field id)"
curl --silent --show-error --fail --header "Authorization: Bearer $TOKEN" --output "$HERE/picture.jpg" \
    "$API/videos/$(say "$RENDER" | field video)/poster"
SIZE=$(wc -c <"$HERE/picture.jpg" | tr -d ' ')
UPLOAD=$(curl --silent --show-error --fail --dump-header - --request POST "$API/uploads" --header "Authorization: Bearer $TOKEN" \
    --header 'Tus-Resumable: 1.0.0' --header "Upload-Length: $SIZE" \
    --header 'Upload-Metadata: filename cGljdHVyZS5qcGc=' | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
curl --silent --show-error --fail --request PATCH "$HOST$UPLOAD" --header "Authorization: Bearer $TOKEN" \
    --header 'Tus-Resumable: 1.0.0' --header 'Upload-Offset: 0' \
    --header 'Content-Type: application/offset+octet-stream' --data-binary "@$HERE/picture.jpg"
IMPORT=$(json POST /assets "{\"upload\":\"${UPLOAD##*/}\",\"title\":\"A picture\"}")
wait_for "/assets/imports/$(say "$IMPORT" | field id)"
ASSET=$(say "$IMPORT" | field asset)

say "Making a project"
DOCUMENT="{\"version\":1,\"name\":\"First\",\"output\":{\"width\":640,\"height\":360,\"fps\":25},
 \"tracks\":[{\"clips\":[{\"start\":0,\"duration\":3,\"asset\":{\"type\":\"image\",\"src\":\"asset:$ASSET\"}}]}],
 \"audio\":{\"clips\":[{\"start\":0,\"duration\":3,\"asset\":{\"type\":\"audio\",\"src\":\"$SONG\"}}]}}"
PROJECT=$(json POST /projects "{\"name\":\"First\",\"document\":$DOCUMENT}" | field id)

say "Rendering it"
RENDER=$(json POST /renders "{\"project\":\"$PROJECT\"}")
wait_for "/renders/$(say "$RENDER" | field id)"
VIDEO=$(say "$RENDER" | field video)

say "Watching it: the first kilobyte, then all"
curl --silent --show-error --fail --header "Authorization: Bearer $TOKEN" --range 0-1023 "$API/videos/$VIDEO/content" >"$HERE/part"
curl --silent --show-error --fail --header "Authorization: Bearer $TOKEN" --output "${3:-$HERE/video.mp4}" "$API/videos/$VIDEO/content"
say "Done: $(wc -c <"${3:-$HERE/video.mp4}" | tr -d ' ') bytes"
