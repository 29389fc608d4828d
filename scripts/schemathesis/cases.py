"""Makes requests that schemathesis means to be accepted such that they can be.

A schema cannot say which identifiers exist, that a cursor comes from a page, or that a key serves one request. Only requests
that follow the document in everything are changed here; those that are meant to be refused are sent as they were made.
"""

import itertools
import re
import unicodedata
import uuid
from typing import Any

import requests
import schemathesis
import tokens

# What the run itself needs. Such a thing is changed only if the run has made it, whatever else is wrong with the request.
NEEDED = {
    "/v1/council/officers",
    "/v1/council/sessions",
    "/v1/operator/accounts",
    "/v1/operator/clients",
    "/v1/operator/practices",
    "/v1/operator/sessions",
    "/v1/practice/sessions",
    "/v1/practice/staff",
}

# A collection is looked through anew after so many requests for its items.
LOOK_AGAIN = 40

# The media types whose content is no text.
BYTES = (
    "application/offset+octet-stream",
    "application/pdf",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "audio/mp4",
    "audio/mpeg",
    "image/heic",
)

# Identifiers by collection: those on its first page, and those that the run made.
listed: dict[str, list[str]] = {}
made: dict[str, list[str]] = {}
asked: dict[str, int] = {}
# The access codes of the complaints that the run lodged, by reference, and the next page of each list.
codes: dict[str, str] = {}
cursors: dict[str, str] = {}
turns = itertools.count()


def is_meant_to_be_accepted(case: schemathesis.Case) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive


def identifiers(collection: str, case: schemathesis.Case) -> list[str]:
    """Return identifiers of a collection, as the caller of this request sees them."""
    count = asked[collection] = asked.get(collection, -1) + 1
    if count % LOOK_AGAIN == 0:
        headers = {"Authorization": str(case.headers.get("Authorization"))}
        answer = requests.get(f"{tokens.URL}{collection}", headers=headers, timeout=30)
        items = answer.json().get("items", []) if answer.ok else []
        listed[collection] = [str(item.get("id") or item.get("slug")) for item in items]
        if collection == "/v1/practice/cases":
            listed["/v1/practice/service-users"] = [item["service_user"]["id"] for item in items]
    return listed.get(collection, []) + made.get(collection, [])


@schemathesis.serializer(*BYTES)
def as_bytes(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Send a content as it is, which no schema can make: nearly every one is refused."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def before_call(context: Any, case: schemathesis.Case, kwargs: Any) -> None:
    turn = next(turns)
    collection, _, rest = context.operation.path.partition("/{")
    name = rest.partition("}")[0]
    if collection in NEEDED and name and case.method != "GET":
        known = [*made.get(collection, []), str(uuid.uuid4())]
        case.path_parameters[name] = known[turn % len(known)]
    elif name and is_meant_to_be_accepted(case) and turn % 8:
        known = list(codes) if name == "reference" else identifiers(collection, case)
        # The newest are used most, and the oldest stay as they were.
        if known:
            case.path_parameters[name] = known[-1 - turn % min(len(known), 20)]
    if not is_meant_to_be_accepted(case):
        return
    for parameters in (case.query, case.body):
        if isinstance(parameters, dict) and parameters.pop("cursor", None) and context.operation.label in cursors:
            parameters["cursor"] = cursors[context.operation.label]
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    # Most changes are of the version that is there; the rest have the version that was made up. The tool also makes up the
    # number 0, whatever pattern a header has.
    for header in ("If-Match", "If-None-Match"):
        if header in case.headers and (turn % 4 or str(case.headers[header]) == "0"):
            case.headers[header] = "*"
    # A piece goes on from where its upload is; those that the run began have no bytes, unless it has sent some.
    if "Upload-Offset" in case.headers and turn % 4:
        case.headers["Upload-Offset"] = "0"
    if "Complaint-Access-Code" in case.headers:
        reference = str(case.path_parameters.get("reference"))
        case.headers["Complaint-Access-Code"] = codes.get(reference, case.headers["Complaint-Access-Code"])


@schemathesis.hook
def after_call(context: Any, case: schemathesis.Case, response: Any) -> None:
    if response.headers.get("content-type", [""])[0] not in ("application/json", "application/problem+json"):
        return
    content = response.json()
    if content.get("type") in ("/problems/not-authenticated", "/problems/step-up-required") and is_meant_to_be_accepted(case):
        tokens.forget(case)
    if response.status_code not in (200, 201):
        return
    if "next_cursor" in content:
        cursors[context.operation.label] = content["next_cursor"]
    if response.status_code == 201:
        collection, _, name = response.headers.get("location", ["/"])[0].rpartition("/")
        made.setdefault(collection, []).append(name)
    if "recovery_codes" in content:
        tokens.take_recovery_codes(case, content["recovery_codes"])
    if "access_code" in content:
        codes[content["reference"]] = content["access_code"]


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: schemathesis.Case, response: Any) -> bool:
    """Drop what the rules for texts allow: white space at the ends and controls do not count, an optional that is blank
    or null is left out, and what is sent as bytes is taken as bytes."""
    sent = [case.query, case.body]
    if "larger than maxLength" in failure.message or "violates `maxLength`" in failure.message:
        return not any(text != tidied(text) for text in texts(sent))
    if "smaller than minLength" in failure.message or "not matching" in failure.message:
        return not any(not tidied(text) for text in texts(sent))
    nested = re.search(r"in body - ([\w> -]+): Incorrect type", failure.message)
    if nested:
        return value_at(case.body, nested[1].split(" -> ")) is not None
    refused = re.search(r"in body - violates `\$ref` at ((?:/properties/\w+)+)(?![/\w])", failure.message)
    if refused:
        return value_at(case.body, refused[1].removeprefix("/properties/").split("/properties/")) is not None
    # Bytes are of no type that a schema knows.
    return not ("in body - violates `type`" in failure.message and case.media_type in BYTES)


def tidied(text: str) -> str:
    """Return what counts of a text: no controls, and no white space at the ends."""
    return "".join(character for character in text if unicodedata.category(character)[0] != "C").strip()


def value_at(value: Any, path: list[str]) -> Any:
    for member in path:
        value = value[int(member)] if isinstance(value, list) else value[member]
    return value


def texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for one in value.values() for text in texts(one)]
        case list():
            return [text for one in value for text in texts(one)]
        case _:
            return []
