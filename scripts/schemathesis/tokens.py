"""Gives schemathesis a token for each operation: of the door, and of somebody who has the permission."""

import os
import re
import subprocess
import sys
import time
import uuid
from typing import Any

import requests
import schemathesis

URL = os.environ["ALMONER_URL"]
PRACTICE = "severn-social-work"

# Somebody with a permission, by the permission's first word. Everything else at the practice's door is a manager's.
STAFF = {
    "audit": "records",
    "single_sign_on": "administrator",
    "staff": "administrator",
}

# An officer of the sample council with a permission, by the permission's first word. Everything else is the commissioner's.
OFFICERS = {"audit": "records", "officers": "administrator", "referrals": "referrals"}

# A second factor counts as recent for five minutes.
FRESH_FOR = 240

# How long one code of an authenticator counts, in seconds.
HALF_MINUTE = 30

# An account may try one second factor a minute, once it has used up what it may try at once. A right one counts too.
BETWEEN_SIGN_INS = 60

tokens: dict[str, tuple[str, float]] = {}
refused: set[str] = set()
recovery_codes: dict[str, list[str]] = {}


def signed_in(door: str, email: str) -> str:
    """Sign in, mostly by recovery code: the next code of an authenticator is half a minute away, and sign-ins are many."""
    known = recovery_codes.setdefault(email, [])
    token = sign_in(door, email, {"recovery_code": known.pop()}) if known else None
    if token is None:
        token = signed_in_by_authenticator(door, email)
        known.clear()
    if not known:
        known.extend(replaced_recovery_codes(door, token))
    return token


def take_recovery_codes(case: schemathesis.Case, codes: list[str]) -> None:
    """Keep the recovery codes that a request of the run itself has drawn anew: those before it are refused."""
    for key, (token, _) in tokens.items():
        if case.headers.get("Authorization") == f"Bearer {token}":
            recovery_codes[key.partition(" ")[0]] = list(codes)


def sign_in(door: str, email: str, factor: dict[str, str]) -> str | None:
    credentials = {"email": email, "password": os.environ["STAFF_PASSWORD"], **factor}
    while True:
        answer = requests.post(f"{URL}/v1/{door}/sessions", json=credentials, timeout=30)
        if answer.status_code != 429:
            return str(answer.json()["access_token"]) if answer.ok else None
        # Nothing was looked at, so the factor is still good.
        time.sleep(int(answer.headers["Retry-After"]) + 1)


def signed_in_by_authenticator(door: str, email: str) -> str:
    """Sign in with the code of this half minute, or with the next one where it was used already."""
    for _ in range(5):
        command = [os.environ["DEMONSTRATION_PROGRAM"], "code"]
        code = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        token = sign_in(door, email, {"code": code})
        if token is not None:
            return token
        # Each wrong code counts against the account.
        time.sleep(HALF_MINUTE - time.time() % HALF_MINUTE)
    print(f"{email} cannot sign in", file=sys.stderr)
    os._exit(1)


def replaced_recovery_codes(door: str, token: str) -> list[str]:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())}
    answer = requests.post(f"{URL}/v1/{door}/account/recovery-codes", headers=headers, timeout=30)
    answer.raise_for_status()
    return list(answer.json()["recovery_codes"])


def issued(client: str) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": os.environ[f"{client}_ID"],
        "client_secret": os.environ[f"{client}_SECRET"],
    }
    answer = requests.post(f"{URL}/oauth/token", data=form, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def ends_sessions(operation: Any) -> bool:
    return bool(re.search(r"_sessions_(end|sign_out)", operation.definition.raw["operationId"]))


def caller(operation: Any) -> tuple[str, str] | None:
    """Return the door of an operation, and who calls it there; nobody, if the operation needs no token."""
    raw = operation.definition.raw
    security = next(iter(raw.get("security") or []), None)
    if not security:
        return None
    door, permissions = next(iter(security.items()))
    permission = permissions[0] if permissions else ""
    match door:
        case "council":
            return door, "COUNCIL_E06000051_COMPLAINTS" if permission == "complaints" else "COUNCIL_E06000051"
        case "officer":
            login = OFFICERS.get(permission.split(".")[0], "commissioner")
            return "council", f"{login}@shr.council.example"
        case "complaints":
            # As at the practice's door.
            own = raw["operationId"].startswith(("complaints_own_account", "complaints_sessions"))
            return door, f"{'complaints-2' if own else 'complaints'}@shr.council.example"
        case "partner":
            return door, "PARTNER"
        case "operator":
            return door, os.environ["OPERATOR_EMAIL"]
        case _:
            # What changes one's own account or ends one's own session is tried with people whom nothing else needs.
            own = {"practice_own_account": "social-worker", "practice_sessions": "practitioner"}
            name = next((who for start, who in own.items() if raw["operationId"].startswith(start)), None)
            return door, f"{name or STAFF.get(permission.split('.')[0], 'manager')}@{PRACTICE}.example"


def forget(case: schemathesis.Case) -> None:
    """Note the token with which a request was refused: its session has ended, or its second factor is no longer recent."""
    refused.update(token for token, _ in tokens.values() if case.headers.get("Authorization") == f"Bearer {token}")


def is_due(token: str, age: float) -> bool:
    """Whether another token is wanted. One that is refused is sent on until its owner may sign in again."""
    return not token or age > FRESH_FOR or (token in refused and age > BETWEEN_SIGN_INS)


@schemathesis.auth(refresh_interval=None)
class Token:
    def get(self, case: schemathesis.Case, context: Any) -> str | None:
        found = caller(context.operation)
        if found is None:
            return None
        door, who = found
        # What ends a session has a session of its own.
        key = f"{who} {ends_sessions(context.operation)}"
        token, at = tokens.get(key, ("", 0.0))
        if is_due(token, time.monotonic() - at):
            token = signed_in(door, who) if "@" in who else issued(who)
            tokens[key] = (token, time.monotonic())
        return token

    def set(self, case: schemathesis.Case, data: str | None, context: Any) -> None:
        if data is not None:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}
