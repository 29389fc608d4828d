"""The peer on FastAPI and asyncpg: the same work as `almoner serve` in the same tables, roles and policies, by hand."""

import base64
import hmac
import json
import os
import secrets
import sys
import threading
import time
import urllib.request
import uuid
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path

import asyncpg
import orjson
import uvicorn
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

POOL = int(os.environ.get("POOL", "4"))
PROCESSES = min(int(os.environ.get("PROCESSES") or os.cpu_count() or 1), POOL)
PORT = int(os.environ.get("PORT", "8080"))
HOST = os.environ.get("LISTEN", "127.0.0.1")
READERS = {"social_worker", "practitioner", "manager", "records_officer"}
WRITERS = READERS - {"records_officer"}
NOTE_KINDS = {"visit", "call", "correspondence", "meeting", "note"}
NIL, MAX = uuid.UUID(int=0), uuid.UUID(int=(1 << 128) - 1)


# ---- The statements.

def statement(file):
    return "\n".join(line for line in file.read_text().strip().split("\n") if not line.startswith("--"))


SQL = {file.stem: statement(file) for file in (Path(__file__).parent.parent / "sql").glob("*.sql")}


def for_words(name, words):
    """The statement for this many words: a line with {n} stands once for each but the first."""
    lines = []
    for line in SQL[name].split("\n"):
        lines += [line.replace("{n}", str(5 + word)) for word in range(words - 1)] if "{n}" in line else [line]
    return "\n".join(lines)


# ---- Who calls.

class Refused(Exception):
    def __init__(self, status):
        self.status = status


class Keys:
    published, loaded_at = {}, 0.0

    def find(self, kid):
        if time.monotonic() - self.loaded_at > 30:
            with urllib.request.urlopen(os.environ["ALMONER_JWKS_URL"]) as answer:
                jwks = json.load(answer)["keys"]
            self.published = {jwk["kid"]: Ed25519PublicKey.from_public_bytes(unpadded(jwk["x"])) for jwk in jwks}
            self.loaded_at = time.monotonic()
        return self.published[kid]


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verify(authorization):
    """The claims of an access token of the practice door, or a refusal."""
    try:
        head, body, signature = authorization.removeprefix("Bearer ").split(".")
        header = orjson.loads(unpadded(head))
        if (header["typ"], header["alg"]) != ("at+jwt", "EdDSA"):
            raise Refused(401)
        keys.find(header["kid"]).verify(unpadded(signature), f"{head}.{body}".encode())
        claims, now = orjson.loads(unpadded(body)), time.time()
        holds = claims["iss"] == os.environ["ALMONER_ISSUER"] and claims["aud"] == "almoner:practice"
        if holds and claims["exp"] > now and claims["iat"] <= now + 60:
            return uuid.UUID(claims["sub"]), uuid.UUID(claims["sid"])
    except (AttributeError, KeyError, ValueError, InvalidSignature):
        pass
    raise Refused(401)


keys = Keys()


# ---- Identifiers.

class Ids:
    last = sequence = 0

    def next(self):
        """A UUID of version 7, later than the last."""
        now = time.time_ns() // 1_000_000
        if now > self.last:
            self.last, self.sequence = now, secrets.randbelow(0x400)
        else:
            self.sequence += 1
        return uuid.UUID(int=self.last << 80 | 0x7 << 76 | self.sequence << 64 | 0x2 << 62 | secrets.randbits(62))


ids = Ids()


# ---- Keys and sealed fields: the format of crates/persistence/src/ground/sealing.rs.

MASTERS = {int(version): base64.b64decode(key) for version, key in
           (part.strip().split(":") for part in os.environ.get("ALMONER_MASTER_KEYS", "").split(",") if part)}


def decrypt(key, bound, sealed):
    return AESGCM(key).decrypt(sealed[2:14], sealed[14:], bound.encode())


def open_root(owner, wrapped):
    return decrypt(MASTERS[wrapped[1]], f"{owner}|key|{owner}", wrapped)


def open_key(root, owner, row):
    return decrypt(root, f"{owner}|key|{row['key_id']}", row["wrapped"])


def open_details(practice, root, row):
    bound = f"{practice}|service_users|details|{row['service_user_id']}"
    return orjson.loads(decrypt(open_key(root, practice, row), bound, row["details"]))


def seal(key, bound, value):
    nonce = os.urandom(12)
    return b"\x01\x01" + nonce + AESGCM(key).encrypt(nonce, orjson.dumps(value), bound.encode())


def keyed_hash(key, *parts):
    return hmac.digest(key, b"".join(len(part).to_bytes(8, "big") + part for part in parts), sha256)


def search_tokens(root, header):
    """The tokens of each word: the driver says the search keys' texts, so that a peer needs no phonetic code."""
    derived = HKDF(SHA256(), 32, None, b"search").derive(root)
    return [[keyed_hash(derived, text.encode()) for text in texts] for texts in orjson.loads(header)]


# ---- The transaction of a request.

async def scope(request, work, allowed=READERS):
    """Runs `work` in the practice scope of the caller: it gives the answer, its status and the event to record."""
    account, session = verify(request.headers.get("authorization"))
    async with pool.acquire() as connection:
        try:
            at = datetime.now(timezone.utc)
            await connection.execute(SQL["begin"].replace("{account}", str(account)))
            caller = await connection.fetchrow(SQL["enter"], session, at)
            if not caller:
                raise Refused(401)
            if allowed.isdisjoint(caller["roles"]):
                raise Refused(403)
            practice, staff = caller["practice_id"], caller["staff_id"]
            answer, status, action, subject, person = await work(connection, caller, at)
            await connection.execute(SQL["audit"], practice, ids.next(), at, staff, action, subject, person, uuid.uuid4(),
                                     caller["roles"], session, request.client.host)
            await connection.execute("COMMIT")
        except BaseException:
            await connection.execute("ROLLBACK")
            raise
    return Response(orjson.dumps(answer), status, media_type="application/json")


# ---- The shapes of answers. What is None is left out.

def shown(**members):
    return {name: value for name, value in members.items() if value is not None}


def moment(at):
    """A time as Almoner writes it: without a fraction, or with three or six digits."""
    micros = at.microsecond
    places = "seconds" if micros == 0 else "milliseconds" if micros % 1000 == 0 else "microseconds"
    return at.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec=places) + "Z"


def flags(details, restricted):
    return {
        "restricted": restricted,
        "reasonable_adjustments": bool(details.get("reasonable_adjustments")),
        "communication_needs": bool(details.get("communication_needs")),
        "deceased": "date_of_death" in details,
    }


def spoken_name(details):
    first = details.get("preferred_name") or details.get("given_name")
    return f"{first} {details['family_name']}" if first else details["family_name"]


def summary(row, details):
    number = details.get("nhs_number")
    return shown(id=str(row["service_user_id"]), name=spoken_name(details), date_of_birth=details.get("date_of_birth"),
                 nhs_number=number and f"*** *** {number[6:]}", postcode=details.get("address", {}).get("postcode"),
                 flags=flags(details, row["restricted"]))


def text(value):
    return value and str(value)


def case_shown(row, details):
    person = {"id": str(row["service_user_id"]), "name": spoken_name(details), "flags": flags(details, row["restricted"])}
    council = {"id": str(row["council_id"]), "gss_code": row["gss_code"], "name": row["council_name"]}
    worker = {"id": str(row["staff_id"]), "name": row["staff_name"]}
    return shown(id=str(row["case_id"]), service_user=person, council=council, function=row["function"],
                 delegation_id=text(row["delegation_id"]), referral_id=text(row["referral_id"]), priority=row["priority"],
                 status=row["status"], allocated_to=worker, opened_at=moment(row["opened_at"]),
                 closed_at=row["closed_at"] and moment(row["closed_at"]), ground=row["ground"], outcome=row["outcome"])


def timeline_entry(row):
    by = row["staff_id"] and {"id": str(row["staff_id"]), "name": row["staff_name"]}
    return shown(id=str(row["event_id"]), kind=row["kind"], at=moment(row["at"]), by=by, subject_id=text(row["subject_id"]))


def page(rows, limit, key, show):
    """A page of one row more than it holds."""
    cursor = base64.urlsafe_b64encode(str(rows[limit - 1][key]).encode()).decode().rstrip("=") if len(rows) > limit else None
    return shown(items=[show(row) for row in rows[:limit]], next_cursor=cursor)


def after(cursor, first):
    return uuid.UUID(unpadded(cursor).decode()) if cursor else first


# ---- The operations.

@asynccontextmanager
async def lifespan(_):
    global pool

    async def keep(_):
        """Every setting is one of a transaction, so there is nothing to reset."""

    share = POOL // PROCESSES
    pool = await asyncpg.create_pool(min_size=share, max_size=share, reset=keep, server_settings={"timezone": "UTC"})
    yield
    await pool.close()


app = FastAPI(lifespan=lifespan, openapi_url=None)


@app.exception_handler(Refused)
async def refuse(_, refused):
    return JSONResponse({"status": refused.status}, refused.status, media_type="application/problem+json")


@app.get("/v1/practice/service-users/{person}")
async def read_person(request: Request, person: uuid.UUID):
    async def work(connection, caller, _):
        practice = caller["practice_id"]
        row = await connection.fetchrow(SQL["person"], practice, person)
        if not row:
            raise Refused(404)
        details = open_details(practice, open_root(practice, row["root"]), row)
        times = {name: moment(row[name]) for name in ("created_at", "changed_at")}
        answer = {"id": str(person), "flags": flags(details, row["restricted"])} | details | times
        return answer, 200, "service_user.read", person, person
    return await scope(request, work)


@app.get("/v1/practice/caseload")
async def read_caseload(request: Request, staff_id: uuid.UUID | None = None):
    async def work(connection, caller, _):
        practice, own = caller["practice_id"], caller["staff_id"]
        of = staff_id or own
        if of != own and "manager" not in caller["roles"]:
            raise Refused(403)
        worker = caller if of == own else await connection.fetchrow(SQL["worker"], practice, of)
        if not worker:
            raise Refused(404)
        rows = await connection.fetch(SQL["caseload"], practice, of)
        root = open_root(practice, rows[0]["root"]) if rows else None
        cases = [case_shown(row, open_details(practice, root, row)) for row in rows]
        waiting = sum(case["status"] == "closing" for case in cases)
        staff = {"id": str(of), "name": worker["name"]}
        answer = {"staff": staff, "open": len(cases) - waiting, "waiting": waiting, "cases": cases}
        return answer, 200, "caseload.read", of, None
    return await scope(request, work)


@app.post("/v1/practice/service-users/search")
async def search(request: Request):
    criteria = orjson.loads(await request.body())

    async def work(connection, caller, _):
        practice = caller["practice_id"]
        root = open_root(practice, await connection.fetchval(SQL["root_key"], practice))
        words = search_tokens(root, request.headers["bench-search-keys"])
        rows = await connection.fetch(for_words("search", len(words)), practice, after(criteria.get("cursor"), MAX), 51, *words)
        answer = page(rows, 50, "service_user_id", lambda row: summary(row, open_details(practice, root, row)))
        return answer, 200, "service_user.searched", practice, None
    return await scope(request, work)


@app.get("/v1/practice/cases/{case}/timeline")
async def read_timeline(request: Request, case: uuid.UUID, limit: int = 50, cursor: str | None = None):
    async def work(connection, caller, _):
        practice = caller["practice_id"]
        person = await connection.fetchval(SQL["case"], practice, case)
        if not person:
            raise Refused(404)
        rows = await connection.fetch(SQL["timeline"], practice, case, after(cursor, NIL), limit + 1)
        return page(rows, limit, "event_id", timeline_entry), 200, "case.timeline_read", case, person
    return await scope(request, work)


@app.post("/v1/practice/cases/{case}/notes")
async def write_note(request: Request, case: uuid.UUID):
    body = await request.body()
    new, key = orjson.loads(body), request.headers["idempotency-key"].encode()
    if new["kind"] not in NOTE_KINDS or not new["text"].strip():
        raise Refused(422)

    async def work(connection, caller, at):
        practice, staff, note = caller["practice_id"], caller["staff_id"], ids.next()
        hashes = keyed_hash(b"almoner idempotency key", key), keyed_hash(key, b"POST", request.url.path.encode(), body)
        if await connection.execute(SQL["claim"], practice, staff, *hashes, at, note) != "INSERT 0 1":
            raise Refused(501)
        row = await connection.fetchrow(SQL["case_with_keys"], practice, case)
        if not row:
            raise Refused(404)
        if row["status"] == "closed":
            raise Refused(409)
        happened = datetime.fromisoformat(new["happened_at"]) if "happened_at" in new else at
        own = open_key(open_root(practice, row["root"]), practice, row)
        sealed = seal(own, f"{practice}|case_notes|text|{note}", new["text"])
        about = case, row["service_user_id"], row["access_restricted"], row["team_id"]
        await connection.execute(SQL["note"], practice, note, *about, staff, new["kind"], happened, at, sealed)
        await connection.execute(SQL["line"], practice, ids.next(), *about, at, staff, note)
        author = {"id": str(staff), "name": caller["name"]}
        answer = {"id": str(note), "kind": new["kind"], "text": new["text"], "author": author,
                  "happened_at": moment(happened), "written_at": moment(at)}
        return answer, 201, "note.written", note, row["service_user_id"]
    return await scope(request, work, WRITERS)


def say_ready():
    while True:
        try:
            urllib.request.urlopen(f"http://{HOST}:{PORT}/v1/practice/caseload")
        except urllib.error.HTTPError:
            print("READY", flush=True)
            return
        except OSError:
            time.sleep(0.1)


if __name__ == "__main__":
    threading.Thread(target=say_ready, daemon=True).start()
    sys.path.insert(0, str(Path(__file__).parent))
    uvicorn.run("main:app", host=HOST, port=PORT, workers=PROCESSES, loop="uvloop", http="httptools", access_log=False,
                log_level="warning")
