"""What users name -> articles: patterns, folders, and the web, by a real server on this machine."""

from __future__ import annotations

import gzip
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from index.formats.draft import Unreadable
from index.sources import load_sources, url_id
from index.web import fetch
from index.web.feed import is_feed
from index.web.fetch import Fetcher, _checked_url, _is_public

SAMPLES = Path(__file__).parent / "data" / "formats"
PAGE = (SAMPLES / "tram.html").read_bytes()
LONG = "<p>" + "The council talked for hours about trams. " * 50 + "</p>"


class Site(BaseHTTPRequestHandler):
    """A web site: paths with their answers, and what was asked of it."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[tuple[str, str]]]
    times: ClassVar[list[float]]
    robots: ClassVar[str | None]
    url: ClassVar[str]

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["User-Agent"]))
        self.times.append(time.monotonic())
        path = self.path.split("?")[0]
        if path == "/drip":
            self.drip()
            return
        if path == "/robots.txt" and self.robots:
            self.answer(self.robots.encode(), "text/plain")
            return
        body, kind, headers = answers(self.server.server_address[1]).get(path, (b"gone", "text/plain", {}))
        self.answer(body, kind, **{"status": "404" if body == b"gone" else "200", **headers})

    def answer(self, body: bytes, kind: str, *, status: str = "200", **headers: str) -> None:
        self.send_response(int(status))
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        """A byte now and then, for longer than anyone should wait."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b"x")
                time.sleep(0.05)
        except OSError:
            pass  # the reader has hung up, as it should
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


def answers(port: int) -> dict[str, tuple[bytes, str, dict[str, str]]]:
    """Path -> body, type and further headers."""
    packed = {"Content-Encoding": "gzip"}
    return {
        "/tram": (PAGE, "text/html; charset=utf-8", {}),
        "/secret/page": (PAGE, "text/html", {}),
        "/packed": (gzip.compress(PAGE), "text/html", packed),
        "/cut": (gzip.compress(PAGE)[:-20], "text/html", packed),
        "/short": (PAGE, "text/html", {"Content-Length": str(len(PAGE) + 9), "Connection": "close"}),
        "/bomb": (gzip.compress(b"0" * 60_000_000), "text/html", packed),
        "/a.pdf": ((SAMPLES / "two-columns.pdf").read_bytes(), "application/pdf", {}),
        "/note.md": (b"# A note\n\nText.\n", "text/plain", {}),
        "/moved": (b"", "", {"status": "302", "Location": f"http://localhost:{port}/tram"}),
        "/loop": (b"", "", {"status": "301", "Location": "/loop"}),
        "/to-file": (b"", "", {"status": "302", "Location": "file:///etc/passwd"}),
        "/feed": (feed(port).encode(), "application/rss+xml", {}),
    }


def feed(port: int) -> str:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>The Wire</title><link>http://localhost:{port}/</link><language>en</language>
<item><title>Talk &amp; more talk</title><link>http://localhost:{port}/long</link><author>Bo Li</author>
<pubDate>Fri, 27 Oct 2023 10:00:00 GMT</pubDate><content:encoded><![CDATA[{LONG}]]></content:encoded></item>
<item><title>Tram</title><link>http://localhost:{port}/tram</link><description>Only the start …</description></item>
<item><title>Gone</title><link>http://localhost:{port}/gone</link></item>
</channel></rss>"""


@pytest.fixture
def site() -> Iterator[type[Site]]:
    """The site, running; `url` is its address."""

    class Own(Site):
        asked, times, robots, url = [], [], None, ""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Own.url = f"http://localhost:{server.server_address[1]}"
    yield Own
    server.shutdown()
    thread.join()
    server.server_close()


def local(**options: float) -> Fetcher:
    return Fetcher(allow_private=True, **{"pause_s": 0.0, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["tram", "packed", "moved"])
def test_a_page(site: type[Site], path: str) -> None:
    (article,) = load_sources([f"{site.url}/{path}#part"], fetcher=local()).articles
    assert "The tram line cost 40\u00a0million" in article.text or "The tram line cost 40 million" in article.text
    assert (article.publisher, article.author, article.date) == ("Harbour Herald", "Ana Lopez", "2023-10-27")
    assert article.url == f"{site.url}/{'tram' if path == 'moved' else path}"
    assert article.id == f"localhost-{'tram' if path == 'moved' else path}"
    assert all(agent.startswith("citewell (") for _, agent in site.asked)


def test_other_kinds_from_the_web(site: type[Site]) -> None:
    found = load_sources([f"{site.url}/a.pdf?x=1", f"{site.url}/note.md"], fetcher=local())
    pdf, note = found.articles
    assert (pdf.pages, pdf.url) == ((0, 543, 720), f"{site.url}/a.pdf?x=1")
    assert note.text == "# A note\n\nText.\n"


def test_a_feed_is_its_articles(site: type[Site]) -> None:
    found = load_sources([f"{site.url}/feed"], fetcher=local())
    talk, tram = found.articles
    assert (talk.title, talk.author, talk.publisher, talk.date) == (
        "Talk & more talk",
        "Bo Li",
        "The Wire",
        "2023-10-27",
    )
    assert (talk.url, talk.language) == (f"{site.url}/long", "en")
    assert "/long" not in [path for path, _ in site.asked]  # the feed has all of it
    assert tram.publisher == "Harbour Herald"  # what the page states goes before what the feed does
    assert [str(p) for p in found.problems] == [
        f"{site.url}/gone: its server answers 404 (Not Found); check the address in a browser"
    ]


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("gone", "answers 404"),
        ("loop", "leads on more than 5 times"),
        ("to-file", "begins with http:// or https://"),
        ("cut", "cannot be fetched from localhost"),
        ("short", "cannot be fetched from localhost"),
        ("bomb", "is larger than the 50 MB"),
    ],
)
def test_what_is_no_page(site: type[Site], path: str, problem: str) -> None:
    found = load_sources([f"{site.url}/{path}"], fetcher=local())
    assert not found.articles
    (line,) = map(str, found.problems)
    assert line.startswith(f"{site.url}/{path}: ")
    assert problem in line
    assert "\n" not in line


def test_a_server_that_drips_is_cut_off(site: type[Site]) -> None:
    began = time.monotonic()
    (problem,) = load_sources([f"{site.url}/drip"], fetcher=local(total_s=0.5)).problems
    assert "is not sent within" in str(problem)
    assert time.monotonic() - began < 3


def test_private_addresses_are_refused_unless_allowed(site: type[Site]) -> None:
    (problem,) = load_sources([f"{site.url}/tram"]).problems
    assert "is at the private address" in str(problem)
    assert "--allow-private" in str(problem)
    assert not site.asked
    assert load_sources([f"{site.url}/tram"], allow_private=True).articles


def test_a_redirect_to_a_private_address_is_refused(site: type[Site], monkeypatch: pytest.MonkeyPatch) -> None:
    # the first address is let through as if it were a public one; where it leads is not
    monkeypatch.setattr(fetch, "_is_public", lambda address: len(site.asked) < 2)
    (problem,) = load_sources([f"{site.url}/moved"], fetcher=Fetcher(pause_s=0)).problems
    assert "is at the private address" in str(problem)
    assert [path for path, _ in site.asked] == ["/robots.txt", "/moved"]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *(("93.184.216.34", True), ("2606:4700::1111", True), ("64:ff9b::5db8:d822", True)),
        *(("127.0.0.1", False), ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False), ("0.0.0.0", False)),
        *(("169.254.169.254", False), ("100.64.0.1", False), ("224.0.0.1", False), ("255.255.255.255", False)),
        *(("::1", False), ("::", False), ("fe80::1%eth0", False), ("fc00::1", False), ("ff02::1", False)),
        *(
            ("::ffff:127.0.0.1", False),
            ("::ffff:10.0.0.1", False),
            ("64:ff9b::7f00:1", False),
            ("2002:7f00:1::", False),
        ),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert _is_public(address) is public


@pytest.mark.parametrize(
    "url", ["http://127.1/", "http://0x7f000001/", "http://2130706433/", "http://[::1]/", "http://[::ffff:127.0.0.1]/"]
)
def test_other_spellings_of_this_machine(url: str) -> None:
    with pytest.raises(Unreadable, match=r"private address|cannot be fetched"):
        Fetcher(pause_s=0).fetch(url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x.org/a",
        "http://",
        "http:///a",
        "http://u:p@x.org/",
        "http://x.org:0/",
        "http://x.org:99999/",
        "http://x.org/a b",
        "http://[::1/",
    ],
)
def test_what_is_no_web_address(url: str) -> None:
    with pytest.raises(Unreadable, match="address"):
        _checked_url(url)


def test_robots_are_heeded(site: type[Site]) -> None:
    site.robots = "User-agent: *\nDisallow: /secret/\n"
    found = load_sources([f"{site.url}/secret/page", f"{site.url}/tram"], fetcher=local())
    assert len(found.articles) == 1
    assert "asks programs not to read it (robots.txt)" in str(found.problems[0])
    assert [path for path, _ in site.asked] == ["/robots.txt", "/tram"]


def test_a_host_is_asked_now_and_then(site: type[Site]) -> None:
    load_sources([f"{site.url}/tram", f"{site.url}/tram"], fetcher=local(pause_s=0.2))
    gaps = [after - before for before, after in zip(site.times, site.times[1:], strict=False)]
    assert len(gaps) == 2
    assert min(gaps) >= 0.19


def certificate(folder: Path) -> Path:
    """A key and a certificate for localhost that it signed itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "localhost.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_https_is_checked(site: type[Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), site)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    port = server.server_address[1]
    try:
        (problem,) = load_sources([f"https://localhost:{port}/tram"], fetcher=local()).problems
        assert "CERTIFICATE_VERIFY_FAILED" in str(problem)
        assert not site.asked
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        assert load_sources([f"https://localhost:{port}/tram"], fetcher=local()).articles[0].author == "Ana Lopez"
        (problem,) = load_sources([f"https://127.0.0.1:{port}/tram"], fetcher=local()).problems
        assert "CERTIFICATE_VERIFY_FAILED" in str(problem)  # a certificate for another name
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("url", "id_"),
    [
        ("https://www.herald.example/2023/Tram%20opens.html?id=3#x", "herald.example-2023-tram-opens.html-id-3"),
        ("http://x.org", "x.org"),
    ],
)
def test_ids_of_web_addresses(url: str, id_: str) -> None:
    assert url_id(url) == id_
    assert len(url_id(url + "/word" * 100)) <= 80


def test_files_folders_and_patterns(tmp_path: Path) -> None:
    for name in ("a.txt", "b.md", "sub/c.txt", "sub/d.txt", "sub/d.meta.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"title: Text of {name}.")
    found = load_sources(
        [str(tmp_path / "b.md"), str(tmp_path / "**" / "c*"), str(tmp_path / "sub"), str(tmp_path / "x*")]
    )
    assert [a.id for a in found.articles] == ["b", "c", "c-2", "d"]
    assert [p.path.name for p in found.problems] == ["x*"]


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (b'<?xml version="1.0"?>\n<rss version="2.0">', True),
        (b'\xef\xbb\xbf<?xml version="1.0"?><!-- x --><feed xmlns="a">', True),
        (b"<?xml?>" + b"<!-- x -->" * 380 + b"<rss>", True),
        (b"<!-- x -->" * 400, False),  # at once, not in all the ways there are
        (b"<html><body><rss>", False),
        (b"", False),
    ],
)
def test_feeds_are_known_by_their_root(raw: bytes, wanted: bool) -> None:
    assert is_feed(raw) is wanted
