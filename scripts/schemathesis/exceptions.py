"""Writes schemathesis's settings from the table of exceptions in docs/api-design.md.

python3 exceptions.py docs/api-design.md > schemathesis.toml
"""

import json
import re
import sys

# What no exception may be for: a fault of the service, an answer that the document does not promise, an open door.
NEVER = {"not_a_server_error", "response_schema_conformance", "status_code_conformance", "ignored_auth"}

text = open(sys.argv[1], encoding="utf-8").read()
table = re.search(r"<!-- schemathesis -->\n(.*?)<!-- /schemathesis -->", text, re.DOTALL)
if table is None:
    sys.exit("there is no table of exceptions")
seen: dict[tuple[str, str], str] = {}
for line in table[1].strip().splitlines()[2:]:
    check, operation, reason = (cell.strip().strip("`") for cell in line.strip().strip("|").split("|"))
    if check in NEVER:
        sys.exit(f"no exception may be for {check}: {operation}")
    if not reason or (check, operation) in seen:
        sys.exit(f"each check and operation has one reason: {check} {operation}")
    seen[check, operation] = reason

# Every check is on unless it is turned off here: `--checks all` on the command line would turn them all on again.
# Statuses with which HTTP refuses a request for another reason than its data, which schemathesis does not expect: a
# version that is not the present one (412, also of tus), none at all (428), and what is no more (410).
print("""[checks]
missing_required_header.expected-statuses = ["400", "401", "403", "404", "406", "412", "415", "422", "428"]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "410", "412", "429", "5xx"]
negative_data_rejection.expected-statuses = [
    "400", "401", "403", "404", "405", "406", "409", "410", "412", "413", "415", "422", "428", "429", "5xx",
]
""")
print(f"# {len(seen)} exceptions, from the table in docs/api-design.md.")
for check, operation in seen:
    print(f"\n[[operations]]\ninclude-name = {json.dumps(operation)}\nchecks.{check}.enabled = false")
