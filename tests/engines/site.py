"""Somebody's site with the widget in its page, on an origin of its own."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

NAMES = ["ready", "connection", "state", "ask", "answer", "done", "speaking", "idle", "playback", "link", "mute"]
NAMES += ["open", "close", "voice", "ending", "error"]
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Host page</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<script>window.heard = []; window.faults = [];
addEventListener('error', (event) => faults.push(event.message));
addEventListener('unhandledrejection', (event) => faults.push(String(event.reason)));
const keep = (name) => (event) => heard.push({{name, ...event.detail}});
for (const name of {names}) document.addEventListener('greenroom:' + name, keep(name));
</script><style>{css}</style>
<body><h1>A page of somebody else</h1>{body}
<script type="module" src="{server}/widget.js"></script></html>"""


class Site:
    """Serves one page while the `with` block runs."""

    def __enter__(self) -> Self:
        """Begin to serve."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                text = site.text.encode()
                self.send_response(200)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                pass

        self.text = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def show(self, body: str, *, server: str, css: str = "") -> str:
        """Return the address of a page with this body, whose widget is `server`'s."""
        self.text = PAGE.format(names=NAMES, body=body, server=server, css=css)
        return f"http://127.0.0.1:{self._server.server_address[1]}/page"
