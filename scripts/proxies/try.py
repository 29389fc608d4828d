"""Runs nginx, Caddy and HAProxy with the files of deploy/ before a demonstration, and asks through them what they might
change: tags, addresses, HEAD, the caller's address, refusals, large contents. Only ports, certificates and paths of
the files are replaced.

scripts/with-demonstration sets ALMONER_URL, DEMONSTRATION_PROGRAM and the logins. The argument is a directory to work in.
"""

import gzip
import http.client
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOST = "almoner.example.org"
WORK = pathlib.Path(sys.argv[1]).resolve()
SERVE = int(os.environ["ALMONER_URL"].rsplit(":", 1)[1])
failures = []


def free_port():
    with socket.socket() as a:
        a.bind(("127.0.0.1", 0))
        return a.getsockname()[1]


def expect(what, is_so, seen=""):
    print(f"  {'ok  ' if is_so else 'FAIL'} {what}{'' if is_so else f': {seen}'}", flush=True)
    if not is_so:
        failures.append(f"{what}: {seen}")


def listen(handle):
    """Serves each connection to a new port by `handle`, and returns the listener."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    threading.Thread(target=run, daemon=True).start()
    return listener


class Relay:
    """Passes bytes on to `serve`, and counts the connections and the times that they were used."""

    def __init__(self):
        self.connections = 0
        self.pairs = []
        self.listener = listen(self.handle)
        self.port = self.listener.getsockname()[1]

    def stop(self):
        """Takes no connection any more, and closes those that there are."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for one in self.pairs:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def handle(self, caller):
        self.connections += 1
        server = socket.create_connection(("127.0.0.1", SERVE))
        self.pairs.append(caller)

        def pump(one, other):
            try:
                while data := one.recv(65536):
                    other.sendall(data)
                other.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        threading.Thread(target=pump, args=(server, caller), daemon=True).start()
        pump(caller, server)


class NotReady:
    """A server that answers everything with 200, except that it says that it is not ready."""

    def __init__(self):
        self.asked = 0
        self.port = listen(self.handle).getsockname()[1]

    def handle(self, caller):
        request = b""
        while b"\r\n\r\n" not in request:
            data = caller.recv(65536)
            if not data:
                return
            request += data
        ready = request.split()[1] == b"/health/ready"
        self.asked += not ready
        status = b"503 Service Unavailable" if ready else b"200 OK"
        caller.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        caller.close()


class Answer:
    def __init__(self, answer):
        self.status = answer.status
        self.headers = answer.headers
        self.raw = answer.read()

    def json(self):
        is_packed = self.headers["Content-Encoding"] == "gzip"
        return json.loads(gzip.decompress(self.raw) if is_packed else self.raw)

    def is_ours(self):
        return (self.headers["Content-Type"] or "").startswith("application/problem+json")

    def __str__(self):
        return f"{self.status} {dict(self.headers)} {self.raw[:200]!r}"


class Caller:
    """Asks one port: the proxy's over TLS, or that of `serve`."""

    def __init__(self, port, tls, source="127.0.0.1"):
        self.port, self.tls, self.source = port, tls, source
        self.connection = None

    def connect(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=40, source_address=(self.source, 0))
        self.connection.sock = self.tls.wrap_socket(sock, server_hostname=HOST) if self.tls else sock

    def ask(self, method, path, token=None, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers |= {"Host": HOST} | ({"Authorization": f"Bearer {token}"} if token else {})
        if body is not None and "Content-Type" not in headers:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        if self.connection is None or self.connection.sock is None:
            self.connect()
        self.connection.request(method, path, body, headers)
        return Answer(self.connection.getresponse())


def tokens():
    """A council's token and a manager's, from `serve` itself."""
    direct = Caller(SERVE, None)
    form = (
        f"grant_type=client_credentials&client_id={os.environ['COUNCIL_E06000051_ID']}"
        f"&client_secret={os.environ['COUNCIL_E06000051_SECRET']}"
    )
    council = direct.ask("POST", "/oauth/token", body=form, Content_Type="application/x-www-form-urlencoded")
    login = {"email": "manager@severn-social-work.example", "password": os.environ["STAFF_PASSWORD"]}
    for _ in range(40):
        code = subprocess.run([os.environ["DEMONSTRATION_PROGRAM"], "code"], capture_output=True, text=True, check=True)
        manager = direct.ask("POST", "/v1/practice/sessions", body=login | {"code": code.stdout.strip()})
        if manager.status == 201:
            break
        # The tour has used this code, which serves once.
        time.sleep(1)
    return council.json()["access_token"], manager.json()["access_token"]


def referral(proxy, council, name):
    today = time.strftime("%Y-%m-%d", time.gmtime())
    return proxy.ask("POST", "/v1/council/referrals", council, {
        "council_reference": name,
        "requested_on": today,
        "function": "needs_assessment",
        "urgency": "standard",
        "route_of_access": "Community / Other route",
        "reason": "She has fallen twice this month. " * 40,
        "chosen_practice": "severn-social-work",
        "consent": {"basis": "consent_given", "recorded_on": today},
        "person": {
            "council_person_id": name,
            "given_name": "Winifred",
            "family_name": "Ashdown",
            "date_of_birth": "1941-03-08",
            "address": {"lines": ["4 Wyle Cop", "Shrewsbury"], "postcode": "SY1 1UT"},
        },
        "referrer": {"name": "Owen Marsh", "team": "First Point of Contact", "phone": "07700 900733"},
    })


def inbox(proxy, manager, known):
    items, cursor = [], ""
    while True:
        page = proxy.ask("GET", f"/v1/practice/referrals?limit=200{cursor}", manager).json()
        items += page["items"]
        if not page.get("next"):
            break
        cursor = f"&cursor={page['next']}"
    return next(item["id"] for item in items if item["id"] not in known)


def remaining(answer):
    return int(answer.headers["RateLimit"].split("r=")[1].split(";")[0])


def questions(name, proxy, elsewhere, council, manager, relay):
    """Everything that a proxy might get wrong. Returns the identifiers that no log of it may have."""
    run = f"{name}-{int(time.time())}"
    known = {item["id"] for item in proxy.ask("GET", "/v1/practice/referrals?limit=200", manager).json()["items"]}
    sent = referral(proxy, council, run)
    expect("a referral is taken", sent.status == 201, sent)
    one = inbox(proxy, manager, known)
    path = f"/v1/practice/referrals/{one}"

    plain = proxy.ask("GET", path, manager)
    packed = proxy.ask("GET", path, manager, Accept_Encoding="gzip")
    tag = packed.headers["ETag"]
    print(f"       tags: {plain.headers['ETag']} uncompressed, {tag} compressed")
    expect("an answer is compressed where the caller takes it", packed.headers["Content-Encoding"] == "gzip", packed)
    expect("its content is the same", packed.json()["id"] == plain.json()["id"])
    for sent_tag in ['"1"', 'W/"1"', tag, f'"7", {tag}']:
        again = proxy.ask("GET", path, manager, Accept_Encoding="gzip", If_None_Match=sent_tag)
        expect(f"If-None-Match: {sent_tag} is 304 without content", (again.status, again.raw) == (304, b""), again)
    head = proxy.ask("HEAD", path, manager)
    expect("HEAD has the tag and no content", (head.status, head.headers["ETag"], head.raw) == (200, '"1"', b""), head)

    accept = f"{path}/accept"
    for stale in ['W/"7"', '"7"']:
        refused = proxy.ask("POST", accept, manager, {}, If_Match=stale, Idempotency_Key=f"{run}-stale{len(stale)}")
        expect(f"If-Match: {stale} is 412", refused.status == 412 and refused.is_ours(), refused)
    malformed = proxy.ask("POST", accept, manager, {}, If_Match="1", Idempotency_Key=f"{run}-malformed")
    expect("If-Match: 1 is 400", malformed.status == 400 and malformed.is_ours(), malformed)
    done = proxy.ask("POST", accept, manager, {}, If_Match=tag, Idempotency_Key=run)
    expect(f"If-Match: {tag}, the tag as the proxy gave it, is taken", done.status in (200, 201), done)
    if name == "caddy":
        referral(proxy, council, f"{run}-later")
        two = inbox(proxy, manager, known | {one})
        later = proxy.ask("POST", f"/v1/practice/referrals/{two}/accept", manager, {}, If_Match='"1-gzip"', Idempotency_Key=f"{run}-2")
        expect('If-Match: "1-gzip", which later Caddys make, is taken', later.status in (200, 201), later)

    for spelling in ["/v1/practice/%72eferrals", "//v1/practice/referrals", "/v1//practice/referrals", "/v1/practice;a/referrals",
                     "/v1/practice/../practice/referrals", "/v1/practice/%2e%2e/practice/referrals", "/v1/practice/referrals%2f"]:
        answer = proxy.ask("GET", spelling, manager)
        is_refused = answer.status == 404 and answer.is_ours()
        expect(f"{spelling} is refused by the service", is_refused, answer)
    live = proxy.ask("HEAD", "/health/live")
    expect("HEAD /health/live is 200", live.status == 200, live)
    invented = proxy.ask("BREW", "/health/live")
    expect("an invented method is 501 or 405", invented.status in (405, 501), invented)
    large = proxy.ask("POST", "/v1/council/referrals", council, {"reason": "a" * 300_000})
    expect("a body of 300 kB is refused by the service", large.status == 413 and large.is_ours(), large)
    letter = proxy.ask("POST", f"/v1/council/referrals/{sent.json()['id']}/documents", council, "a" * 2_000_000,
                       Content_Type="text/plain", Content_Disposition="attachment; filename=x.txt", Idempotency_Key=f"{run}-letter")
    expect("a document of 2 MB is taken", letter.status == 201, letter)
    begun = proxy.ask("POST", "/v1/council/uploads", council, Tus_Resumable="1.0.0", Upload_Length="4000000")
    expect("an upload is begun", begun.status == 201, begun)
    upload = begun.headers["Location"]
    piece = proxy.ask("PATCH", upload, council, "a" * 2_000_000, Content_Type="application/offset+octet-stream",
                      Tus_Resumable="1.0.0", Upload_Offset="0")
    expect("a piece of 2 MB is taken", (piece.status, piece.headers["Upload-Offset"]) == (204, "2000000"), piece)
    progress = proxy.ask("HEAD", upload, council, Tus_Resumable="1.0.0")
    expect("HEAD says how far the upload is", progress.headers["Upload-Offset"] == "2000000", progress)
    expect("each answer has its identifier", "X-Request-Id" in plain.headers and "X-Request-Id" in large.headers)

    first = remaining(proxy.ask("GET", "/v1/public/practices"))
    rest = [remaining(proxy.ask("GET", "/v1/public/practices", X_Forwarded_For=f"203.0.113.{i}")) for i in range(3)]
    expect("who writes X-Forwarded-For gets no other limit", all(r < first for r in rest), f"{first} {rest}")
    other = remaining(elsewhere.ask("GET", "/v1/public/practices"))
    expect("another address has a limit of its own", other > min(rest), f"{rest} {other}")

    before = relay.connections
    statuses = [proxy.ask("GET", "/health/live").status for _ in range(40)]
    expect("40 requests are answered, whatever the other server says", statuses == [200] * 40, statuses)
    expect("they share connections to the server", relay.connections - before <= 12, relay.connections - before)
    for seconds in (3.8, 4.8, 5.2):
        time.sleep(seconds)
        idle = referral(proxy, council, f"{run}-idle-{seconds}")
        expect(f"a POST after {seconds} idle seconds is answered", idle.status == 201, idle)
    relay.stop()
    gone = proxy.ask("GET", path, manager)
    expect("without a server the proxy says so", gone.status in (502, 503, 504), gone)
    return [one, run]


def nginx(port, one, two):
    text = (ROOT / "deploy/nginx/almoner.conf").read_text()
    text = replace(text, {
        "127.0.0.1:8080": f"127.0.0.1:{one}",
        "127.0.0.1:8081": f"127.0.0.1:{two}",
        "listen 443": f"listen 127.0.0.1:{port}",
        "/etc/ssl/almoner/fullchain.pem": WORK / "certificate.pem",
        "/etc/ssl/almoner/key.pem": WORK / "key.pem",
        "/var/log/nginx": WORK,
    })
    (WORK / "almoner.conf").write_text(text)
    temporary = "".join(f"{kind}_temp_path {WORK}/{kind};\n" for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
    (WORK / "nginx.conf").write_text(
        f"daemon off;\npid {WORK}/nginx.pid;\nevents {{}}\nhttp {{\n{temporary}include {WORK}/almoner.conf;\n}}\n"
    )
    return ["nginx", "-e", f"{WORK}/nginx.err", "-p", str(WORK), "-c", f"{WORK}/nginx.conf"]


def caddy(port, one, two):
    text = (ROOT / "deploy/caddy/Caddyfile").read_text()
    text = replace(text, {
        "127.0.0.1:8080": f"127.0.0.1:{one}",
        "127.0.0.1:8081": f"127.0.0.1:{two}",
        "\n{\n": "\n{\n\tadmin off\n\tauto_https disable_redirects\n",
        f"\n{HOST} {{": f"\nhttps://{HOST}:{port} {{\n\tbind 127.0.0.1\n\ttls {WORK}/certificate.pem {WORK}/key.pem",
    })
    (WORK / "Caddyfile").write_text(text)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", f"{WORK}/Caddyfile"]


def haproxy(port, one, two):
    text = (ROOT / "deploy/haproxy/haproxy.cfg").read_text()
    both = (WORK / "certificate.pem").read_text() + (WORK / "key.pem").read_text()
    (WORK / "both.pem").write_text(both)
    text = replace(text, {
        "127.0.0.1:8080": f"127.0.0.1:{one}",
        "127.0.0.1:8081": f"127.0.0.1:{two}",
        "bind :443": f"bind 127.0.0.1:{port}",
        "/etc/ssl/almoner/fullchain-and-key.pem": WORK / "both.pem",
    })
    (WORK / "haproxy.cfg").write_text(text)
    return ["haproxy", "-db", "-f", f"{WORK}/haproxy.cfg"]


def replace(text, words):
    for old, new in words.items():
        assert old in text, f"the file has no {old!r}"
        text = text.replace(old, str(new))
    return text


def certificate():
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
         "-keyout", WORK / "key.pem", "-out", WORK / "certificate.pem"],
        check=True, capture_output=True,
    )
    return ssl.create_default_context(cafile=WORK / "certificate.pem")


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    tls = certificate()
    council, manager = tokens()
    environment = os.environ | {"XDG_DATA_HOME": str(WORK), "XDG_CONFIG_HOME": str(WORK), "HOME": str(WORK)}
    for start in (nginx, caddy, haproxy):
        name = start.__name__
        version = subprocess.run([name, "version" if name == "caddy" else "-v"], capture_output=True, text=True, check=True)
        print(f"{name}: {(version.stdout + version.stderr).splitlines()[0]}")
        port, relay, not_ready = free_port(), Relay(), NotReady()
        # nginx does not ask whether a server is ready: its other server is one that takes no connection.
        command = start(port, relay.port, free_port() if name == "nginx" else not_ready.port)
        log = WORK / f"{name}.log"
        with log.open("w") as out:
            program = subprocess.Popen(command, stdout=out, stderr=out, env=environment, stdin=subprocess.DEVNULL)
        try:
            wait(port, log)
            time.sleep(2)
            not_ready.asked = 0
            secrets = questions(name, Caller(port, tls), Caller(port, tls, "127.0.0.2"), council, manager, relay)
            expect("a server that is not ready is asked nothing", not_ready.asked == 0, not_ready.asked)
        finally:
            program.terminate()
            program.wait()
        logs = "".join(path.read_text(errors="replace") for path in WORK.glob(f"{'almoner' if name == 'nginx' else name}*.log"))
        expect("the log has lines", any(word in logs for word in ("GET", "handled request")), logs[-300:])
        expect("no line of it has an address or an identifier", not any(word in logs for word in [*secrets, "/v1/", "SY1"]), logs[-300:])
    print("".join(f"FAIL {failure}\n" for failure in failures), end="")
    sys.exit(1 if failures else 0)


def wait(port, log):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"it does not listen: {log.read_text()}")


if __name__ == "__main__":
    assert shutil.which("openssl"), "openssl is not installed"
    main()
