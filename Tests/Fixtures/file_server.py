"""A small HTTP server on loopback for the tests of downloads: python3 file_server.py FOLDER

Prints its port, then a line for each request: the path and the range that was asked for. Needs only
the standard library.

    /ranges/NAME    a file of FOLDER, or the part of it that is asked for
    /whole/NAME     always all of it
    /broken/NAME    as ranges, but each connection breaks after 100,000 bytes
    /slow/NAME      as ranges, 100,000 bytes every tenth of a second
    /moved/NAME     a redirect to /ranges/NAME
    /lying/NAME     another part than was asked for
"""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FOLDER = Path(sys.argv[1])
PIECE = 100_000


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        _, manner, name = self.path.split("/")
        asked = self.headers.get("Range")
        print(self.path, asked or "-", flush=True)
        path = FOLDER / name
        if manner == "moved":
            self.answer(302, [("Location", f"/ranges/{name}")])
        elif not path.is_file():
            self.answer(404, [])
        else:
            self.send_file(path.read_bytes(), manner, asked)

    def send_file(self, content, manner, asked):
        first = 0
        if asked and manner != "whole":
            first = int(asked.removeprefix("bytes=").removesuffix("-"))
            if first >= len(content):
                self.answer(416, [("Content-Range", f"bytes */{len(content)}")])
                return
            if manner == "lying":
                first -= 1
            span = f"bytes {first}-{len(content) - 1}/{len(content)}"
            self.answer(206, [("Content-Range", span)], len(content) - first)
        else:
            self.answer(200, [], len(content))
        body = content[first:]
        if manner == "broken" and len(body) > PIECE:
            self.wfile.write(body[:PIECE])
            self.close_connection = True
            return
        try:
            for start in range(0, len(body), PIECE):
                self.wfile.write(body[start : start + PIECE])
                if manner == "slow":
                    time.sleep(0.1)
        except ConnectionError:  # The client has seen enough.
            self.close_connection = True

    def answer(self, status, headers, length=0):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
